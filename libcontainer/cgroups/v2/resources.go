package v2

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// ApplyEarly implements driver.Group.
func (g *Group) ApplyEarly(res *specs.LinuxResources) error {
	if res == nil {
		res = &specs.LinuxResources{}
	}
	if err := g.applyDevices(res.Devices); err != nil {
		return err
	}
	return g.ApplyLimits(res)
}

// ApplyLimits sets what ApplyEarly does, but for the device filter. The driver for hybrid machines uses it alone.
func (g *Group) ApplyLimits(res *specs.LinuxResources) error {
	if err := g.applyPids(res.Pids); err != nil {
		return err
	}
	if err := g.applyCPU(res.CPU); err != nil {
		return err
	}
	if err := g.applyIO(res.BlockIO); err != nil {
		return err
	}
	if err := g.applyHugetlb(res.HugepageLimits); err != nil {
		return err
	}
	if err := g.applyRdma(res.Rdma); err != nil {
		return err
	}
	if n := res.Network; n != nil && (n.ClassID != nil || len(n.Priorities) > 0) {
		return errors.New("linux.resources.network needs the cgroup v1 controllers net_cls and net_prio, which cgroup v2 has no counterpart of")
	}
	return g.applyUnified(res.Unified, false)
}

// Apply implements driver.Group.
func (g *Group) Apply(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	if err := g.applyMemory(res.Memory); err != nil {
		return err
	}
	return g.applyUnified(res.Unified, true)
}

// Update implements driver.Group.
func (g *Group) Update(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	if res.Devices != nil {
		if err := g.replaceDevices(res.Devices); err != nil {
			return err
		}
	}
	if err := g.ApplyLimits(res); err != nil {
		return err
	}
	return g.Apply(res)
}

// setting is one value on its way from config.json to a file.
type setting struct {
	field string // "memory.limit", below linux.resources
	value any    // as config.json has it
	file  string
	text  string // what the file gets
}

func (s setting) fail(err error) error {
	return fmt.Errorf("linux.resources.%s %v: %w", s.field, s.value, err)
}

// set writes a setting. If the file is missing, it enables the controller first. "No limit" needs neither.
func (g *Group) set(s setting) error {
	err := g.write(s.file, s.text)
	if err == nil {
		return nil
	}
	if s.text == cgfs.Max && (errors.Is(err, errNotOffered) || g.absent != nil) {
		return nil
	}
	return s.fail(err)
}

func (g *Group) write(file, text string) error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	err = dir.WriteLines(file, text)
	if !errors.Is(err, unix.ENOENT) {
		return err
	}
	controller, _, _ := strings.Cut(file, ".")
	if controller == "cgroup" {
		return err
	}
	enabled, readErr := dir.Read("cgroup.controllers")
	if readErr != nil {
		return readErr
	}
	if hasWord(enabled, controller) {
		return fmt.Errorf("the controller %s of this kernel or machine has no such setting: %w", controller, err)
	}
	if err := g.require(controller); err != nil {
		return err
	}
	return dir.WriteLines(file, text)
}

func (g *Group) applyPids(p *specs.LinuxPids) error {
	if p == nil || p.Limit == nil {
		return nil
	}
	// 0 is a limit like any other (runtime-spec 1.3).
	s := setting{"pids.limit", *p.Limit, "pids.max", limitText(*p.Limit)}
	if *p.Limit < -1 {
		return s.fail(errNegative)
	}
	return g.set(s)
}

var errNegative = errors.New("a limit is -1 (unlimited) or not negative")

// limitText writes a limit in which -1 means unlimited.
func limitText(n int64) string {
	if n < 0 {
		return cgfs.Max
	}
	return strconv.FormatInt(n, 10)
}

func (g *Group) applyHugetlb(limits []specs.LinuxHugepageLimit) error {
	for i := range limits {
		l := &limits[i]
		field := "hugepageLimits[" + strconv.Itoa(i) + "]"
		text := strconv.FormatUint(l.Limit, 10)
		if l.Limit > 1<<63-1 {
			text = cgfs.Max
		}
		value := "(pageSize " + strconv.Quote(l.Pagesize) + ") " + text
		if err := g.set(setting{field, value, "hugetlb." + l.Pagesize + ".max", text}); err != nil {
			return err
		}
		// Reservations are limited as well where the kernel can (Linux 5.7).
		if g.dir.Has("hugetlb." + l.Pagesize + ".rsvd.max") {
			if err := g.set(setting{field, value, "hugetlb." + l.Pagesize + ".rsvd.max", text}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Group) applyRdma(devices map[string]specs.LinuxRdma) error {
	for _, name := range slices.Sorted(maps.Keys(devices)) {
		text := RdmaText(name, devices[name])
		if err := g.set(setting{"rdma." + name, "(" + text + ")", "rdma.max", text}); err != nil {
			return err
		}
	}
	return nil
}

// RdmaText writes the limits of one RDMA device as rdma.max takes them, on v1 as on v2.
func RdmaText(device string, limit specs.LinuxRdma) string {
	text := device
	if limit.HcaHandles != nil {
		text += " hca_handle=" + strconv.FormatUint(uint64(*limit.HcaHandles), 10)
	}
	if limit.HcaObjects != nil {
		text += " hca_object=" + strconv.FormatUint(uint64(*limit.HcaObjects), 10)
	}
	return text
}

// applyUnified writes the files of linux.resources.unified, those of the memory controller in the late stage.
func (g *Group) applyUnified(files map[string]string, memory bool) error {
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(file, "memory.") != memory {
			continue
		}
		s := setting{"unified[" + strconv.Quote(file) + "]", strconv.Quote(files[file]), file, files[file]}
		if file == "" || strings.Contains(file, "/") || !strings.Contains(file, ".") {
			return s.fail(errors.New("a key names a file of the cgroup, such as memory.high"))
		}
		if err := g.write(s.file, s.text); err != nil {
			return s.fail(err)
		}
	}
	return nil
}
