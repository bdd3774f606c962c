package spec

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// resources checks limits. 0 is "unset" to most of them, as engines write it.
func (c *checker) resources(field string, r *specs.LinuxResources) {
	c.deviceRules(field+".devices", r.Devices)
	if r.Memory != nil {
		c.memory(field+".memory", r.Memory)
	}
	if r.CPU != nil {
		c.cpu(field+".cpu", r.CPU)
	}
	if r.BlockIO != nil {
		c.blockIO(field+".blockIO", r.BlockIO)
	}
	if p := r.Pids; p != nil && p.Limit != nil && *p.Limit < -1 {
		c.bad(field+".pids.limit", "%d is not a number of tasks, nor -1 for no limit", *p.Limit)
	}
	for i, h := range r.HugepageLimits {
		if !isPageSize(h.Pagesize) {
			c.bad(at(field+".hugepageLimits", i)+".pageSize", "%q is not a size like 64KB, 2MB or 1GB", h.Pagesize)
		}
	}
	if r.Network != nil {
		for i, p := range r.Network.Priorities {
			if err := deviceName(p.Name); err != nil {
				c.bad(at(field+".network.priorities", i)+".name", "%q is not a name of a network device: %w", p.Name, err)
			}
		}
	}
	for _, name := range sortedKeys(r.Rdma) {
		limit := r.Rdma[name]
		if name == "" || strings.ContainsAny(name, " \t\n\x00/") {
			c.bad(key(field+".rdma", name), "it is not a name of an RDMA device")
		}
		if limit.HcaHandles == nil && limit.HcaObjects == nil {
			c.bad(key(field+".rdma", name), "it limits nothing: hcaHandles, hcaObjects or both are needed")
		}
	}
	for _, name := range sortedKeys(r.Unified) {
		if !isControlFile(name) {
			c.bad(key(field+".unified", name), "it is not the name of a file of a cgroup, like memory.high")
		}
		c.text(key(field+".unified", name), r.Unified[name])
	}
}

// isPageSize tells whether s is <size><K, M or G>B without leading zero.
func isPageSize(s string) bool {
	n := len(s) - 2
	return n > 0 && s[n+1] == 'B' && strings.IndexByte("KMG", s[n]) >= 0 && isNumber(s[:n]) && s[0] != '0'
}

// isControlFile tells whether a name is CONTROLLER.FILE, so that it can neither leave
// the directory of the cgroup nor name a cgroup below.
func isControlFile(name string) bool {
	controller, file, ok := strings.Cut(name, ".")
	return ok && controller != "" && file != "" && !strings.ContainsAny(name, "/\x00\n ")
}

// cgroupsPath checks the one character that no path can have. ".." does not leave the
// hierarchy: the path is cleaned from its root.
func (c *checker) cgroupsPath() {
	c.text("linux.cgroupsPath", c.linux.CgroupsPath)
	if strings.Contains(c.linux.CgroupsPath, "\n") {
		c.bad("linux.cgroupsPath", "%q contains a newline, which the kernel refuses in names of cgroups", c.linux.CgroupsPath)
	}
}

// memory checks sizes in bytes; -1 is no limit.
func (c *checker) memory(field string, m *specs.LinuxMemory) {
	for _, l := range [...]struct {
		name  string
		value *int64
	}{
		{".limit", m.Limit}, {".reservation", m.Reservation}, {".swap", m.Swap},
		{".kernel", m.Kernel}, {".kernelTCP", m.KernelTCP},
	} {
		if l.value != nil && *l.value < -1 {
			c.bad(field+l.name, "%d is not a size in bytes, nor -1 for no limit", *l.value)
		}
	}
	if m.Swap != nil && *m.Swap > 0 && m.Limit != nil {
		switch limit := *m.Limit; {
		case limit == -1:
			c.bad(field+".swap", "%d limits memory and swap together, and limit leaves memory unlimited", *m.Swap)
		case limit > *m.Swap:
			c.bad(field+".swap", "%d limits memory and swap together, and is less than limit, %d", *m.Swap, limit)
		}
	}
	// Engines write -1, which is this one unsigned, for "as it is".
	if s := m.Swappiness; s != nil && *s > 100 && int64(*s) != -1 {
		c.bad(field+".swappiness", "%d is not from 0 to 100", *s)
	}
}

// blockIO checks weights, from 10 to 1000 (cgroup v1's; v2's are made of them).
func (c *checker) blockIO(field string, b *specs.LinuxBlockIO) {
	c.weight(field+".weight", b.Weight)
	c.weight(field+".leafWeight", b.LeafWeight)
	for i := range b.WeightDevice {
		d := &b.WeightDevice[i]
		c.blockDevice(at(field+".weightDevice", i), d.LinuxBlockIODevice)
		c.weight(at(field+".weightDevice", i)+".weight", d.Weight)
		c.weight(at(field+".weightDevice", i)+".leafWeight", d.LeafWeight)
		if d.Weight == nil && d.LeafWeight == nil {
			c.bad(at(field+".weightDevice", i), "it weighs nothing: weight, leafWeight or both are needed")
		}
	}
	for _, t := range [...]struct {
		name string
		list []specs.LinuxThrottleDevice
	}{
		{".throttleReadBpsDevice", b.ThrottleReadBpsDevice}, {".throttleWriteBpsDevice", b.ThrottleWriteBpsDevice},
		{".throttleReadIOPSDevice", b.ThrottleReadIOPSDevice}, {".throttleWriteIOPSDevice", b.ThrottleWriteIOPSDevice},
	} {
		for i := range t.list {
			c.blockDevice(at(field+t.name, i), t.list[i].LinuxBlockIODevice)
		}
	}
}

func (c *checker) weight(field string, w *uint16) {
	if w != nil && *w != 0 && (*w < 10 || *w > 1000) {
		c.bad(field, "%d is not from 10 to 1000, nor 0 for the default", *w)
	}
}

func (c *checker) blockDevice(field string, d specs.LinuxBlockIODevice) {
	c.deviceNumber(field+".major", d.Major, maxMajor)
	c.deviceNumber(field+".minor", d.Minor, maxMinor)
}
