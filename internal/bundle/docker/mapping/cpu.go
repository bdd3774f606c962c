package mapping

import (
	"path"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// cpu limits: what is 0 is not set.
func (m *mapper) cpu() error {
	h := m.HostConfig
	for field, n := range map[string]int64{
		"CpuShares": h.CPUShares, "NanoCpus": h.NanoCPUs, "CpuPeriod": h.CPUPeriod, "CpuRealtimePeriod": h.CPURealtimePeriod,
	} {
		if n < 0 {
			return bad("HostConfig."+field, n, "it is negative")
		}
	}
	limits := specs.LinuxCPU{
		Shares: unsigned(h.CPUShares), Period: unsigned(h.CPUPeriod), Cpus: h.CpusetCpus, Mems: h.CpusetMems,
		RealtimePeriod: unsigned(h.CPURealtimePeriod), RealtimeRuntime: whole(h.CPURealtimeRuntime), Quota: whole(h.CPUQuota),
	}
	if h.NanoCPUs > 0 {
		if h.CPUPeriod != 0 || h.CPUQuota != 0 {
			return bad("HostConfig.NanoCpus", h.NanoCPUs, "CpuPeriod %d, CpuQuota %d: they say the same in another way", h.CPUPeriod, h.CPUQuota)
		}
		const period = 100000 // µs, the kernel's own
		limits.Period, limits.Quota = unsigned(period), whole(h.NanoCPUs/1e9*period+h.NanoCPUs%1e9*period/1e9)
	}
	if limits != (specs.LinuxCPU{}) {
		m.linux.Resources.CPU = &limits
	}
	return nil
}

// unsigned and whole point to a number, nil for 0.
func unsigned(n int64) *uint64 {
	if n == 0 {
		return nil
	}
	u := uint64(n)
	return &u
}

func whole(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

// cgroup is the place of the container's cgroup: of systemd if the parent is a slice.
func (m *mapper) cgroup() error {
	parent := m.HostConfig.CgroupParent
	if parent == "" {
		return nil
	}
	if m.ID == "" {
		return bad("HostConfig.CgroupParent", parent, "the cgroup below it is called by Id, which is missing")
	}
	if strings.HasSuffix(parent, ".slice") {
		m.linux.CgroupsPath = parent + ":docker:" + m.ID
		m.notes.Mapped("HostConfig.CgroupParent", "for creel --systemd-cgroup", "/linux/cgroupsPath")
		return nil
	}
	m.linux.CgroupsPath = path.Join("/", parent, m.ID)
	return nil
}
