package v2

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

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
