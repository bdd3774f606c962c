package cli

import (
	"fmt"
	"math"
	"strconv"

	"github.com/creel-project/creel/internal/lazyjson"
	units "github.com/docker/go-units"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// readResources reads limits in the form of linux.resources from a file, or from stdin if it is "-".
func readResources(name string) (*specs.LinuxResources, error) {
	text, err := readFile(name, maxResources)
	r := new(specs.LinuxResources)
	if err == nil {
		err = lazyjson.Unmarshal(text, r)
	}
	if err != nil {
		return nil, fmt.Errorf("--resources %s: %w", name, err)
	}
	return r, nil
}

// flagResources makes limits of the flags of update. An empty value is no wish.
func flagResources(c *call) (*specs.LinuxResources, error) {
	r := &specs.LinuxResources{CPU: &specs.LinuxCPU{Cpus: c.String("cpuset-cpus"), Mems: c.String("cpuset-mems")}, Memory: &specs.LinuxMemory{}}
	for _, u := range [...]struct {
		flag string
		to   **uint64
	}{
		{"cpu-period", &r.CPU.Period}, {"cpu-burst", &r.CPU.Burst}, {"cpu-share", &r.CPU.Shares}, {"cpu-rt-period", &r.CPU.RealtimePeriod},
	} {
		if err := number(c, u.flag, u.to, func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }); err != nil {
			return nil, err
		}
	}
	for _, n := range [...]struct {
		flag  string
		to    **int64
		parse func(string) (int64, error)
	}{
		{"cpu-quota", &r.CPU.Quota, decimal}, {"cpu-rt-runtime", &r.CPU.RealtimeRuntime, decimal}, {"cpu-idle", &r.CPU.Idle, decimal},
		{"memory", &r.Memory.Limit, sizeOf}, {"memory-swap", &r.Memory.Swap, sizeOf}, {"memory-reservation", &r.Memory.Reservation, sizeOf},
		//lint:ignore SA1019 the flag is taken, and told to be without effect
		{"kernel-memory", &r.Memory.Kernel, sizeOf}, {"kernel-memory-tcp", &r.Memory.KernelTCP, sizeOf},
	} {
		if err := number(c, n.flag, n.to, n.parse); err != nil {
			return nil, err
		}
	}
	if w := c.Int("blkio-weight"); w < 0 || w > math.MaxUint16 {
		return nil, fmt.Errorf("--blkio-weight %d: it is not from 10 to 1000", w)
	} else if w != 0 {
		weight := uint16(w)
		r.BlockIO = &specs.LinuxBlockIO{Weight: &weight}
	}
	if c.f.given("pids-limit") {
		tasks := int64(c.Int("pids-limit"))
		r.Pids = &specs.LinuxPids{Limit: &tasks}
	}
	return r, nil
}

// number reads the value of a flag, unless it is empty.
func number[T any](c *call, name string, to **T, parse func(string) (T, error)) error {
	text := c.String(name)
	if text == "" {
		return nil
	}
	n, err := parse(text)
	if err != nil {
		return fmt.Errorf("--%s %q: %w", name, text, err)
	}
	*to = &n
	return nil
}

func decimal(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// sizeOf reads a size with or without a unit, as 512m; -1 is no limit.
func sizeOf(s string) (int64, error) {
	if s == "-1" {
		return -1, nil
	}
	n, err := units.RAMInBytes(s)
	if err == nil && n < 0 {
		err = strconv.ErrRange // more than the type holds
	}
	return n, err
}
