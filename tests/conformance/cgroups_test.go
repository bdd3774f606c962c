package conformance

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// only ends a test where the machine's cgroups are not those that it is about.
func (c *C) only(v2 bool, why string) {
	c.Helper()
	if harness.V2() != v2 {
		c.Skip(why + ": the other view has it")
	}
}

func limits(f func(r *specs.LinuxResources)) harness.Mutate {
	return func(s *S) {
		if s.Linux.Resources == nil {
			s.Linux.Resources = &specs.LinuxResources{}
		}
		f(s.Linux.Resources)
	}
}

func TestAbsoluteCgroupsPath(t *testing.T) {
	c := begin(t)
	cgroup, inCgroup := c.cgroup()
	k := c.Create(c.Bundle(waits, inCgroup))
	if pids := c.CgroupPids("pids", cgroup); len(pids) == 0 || pids[0] != c.State(k.ID).Pid {
		t.Errorf("in %s there is %v", cgroup, pids)
	}
}

func TestCgroupsPathIsTheSameEveryTime(t *testing.T) {
	c := begin(t)
	_, inCgroup := c.cgroup()
	var places []string
	for range 2 {
		k := c.Create(c.Bundle(waits, inCgroup))
		places = append(places, c.ProcFile(c.State(k.ID).Pid, "cgroup"))
		c.Ok(c.Creel("delete", "--force", k.ID))
	}
	if places[0] != places[1] || !strings.Contains(places[0], "-cgroup") {
		t.Errorf("it was in\n%s and in\n%s", places[0], places[1])
	}
}

// owners are the uids of a cgroup's directory and files.
func (c *C) owners(dir string) map[string]uint32 {
	c.Helper()
	owners := map[string]uint32{}
	entries, err := os.ReadDir(dir)
	c.Must(err)
	for _, name := range append([]string{"."}, names(entries)...) {
		var st syscall.Stat_t
		c.Must(syscall.Stat(dir+"/"+name, &st))
		owners[name] = st.Uid
	}
	return owners
}

func names(entries []os.DirEntry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// cgroupMount replaces the default config's mount of the cgroups.
func cgroupMount(options ...string) harness.Mutate {
	return func(s *S) {
		var kept []specs.Mount
		for _, m := range s.Mounts {
			if m.Type != "cgroup" {
				kept = append(kept, m)
			}
		}
		if options != nil {
			kept = append(kept, specs.Mount{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: options})
		}
		s.Mounts = kept
	}
}

func TestCgroupOwner(t *testing.T) {
	writable := cgroupMount("nosuid", "noexec", "nodev")
	for name, p := range map[string]struct {
		v2     bool
		mutate []harness.Mutate
	}{
		"v1":             {false, []harness.Mutate{writable}},
		"no-namespace":   {true, []harness.Mutate{writable, harness.NoNamespace(specs.CgroupNamespace)}},
		"no-mount":       {true, []harness.Mutate{cgroupMount()}},
		"readonly-mount": {true, []harness.Mutate{cgroupMount("nosuid", "ro")}},
		"writable":       {true, []harness.Mutate{writable}},
		"writable-without-user-namespace": {true, []harness.Mutate{writable, harness.NoNamespace(specs.UserNamespace), func(s *S) {
			s.Linux.UIDMappings, s.Linux.GIDMappings = nil, nil
		}}},
	} {
		each(t, name, func(c *C) {
			c.only(p.v2, "it is about another version of cgroups")
			cgroup, inCgroup := c.cgroup()
			_, shifted := c.shifted()
			c.Create(c.Bundle(append([]harness.Mutate{waits, shifted, inCgroup, func(s *S) { s.Process.User.UID = 7 }}, p.mutate...)...))
			delegated := strings.Fields(read("/sys/kernel/cgroup/delegate"))
			for file, uid := range c.owners(harness.CgroupDir("pids", cgroup)) {
				want := uint32(0)
				if strings.HasPrefix(name, "writable") && (file == "." || contains(delegated, file)) {
					want = map[bool]uint32{true: 100007, false: 7}[name == "writable"]
				}
				if uid != want {
					c.Errorf("%s belongs to %d, not %d", file, uid, want)
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	return strings.Contains(" "+strings.Join(list, " ")+" ", " "+s+" ")
}

// limit compares a file of the controller after create.
func (c *C) limit(controller, file, want string, mutate harness.Mutate) {
	c.Helper()
	c.only(false, "the controllers are v1's on this machine")
	cgroup, inCgroup := c.cgroup()
	c.Create(c.Bundle(waits, inCgroup, mutate))
	if got := c.CgroupFile(controller, cgroup, file); got != want {
		c.Errorf("%s is %s, not %s", file, got, want)
	}
}

func TestPidsLimit(t *testing.T) {
	begin(t).limit("pids", "pids.max", "77", limits(func(r *specs.LinuxResources) { r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(77))} }))
}

func TestPidsLimitOfZero(t *testing.T) {
	c := begin(t)
	c.limit("pids", "pids.max", "0", limits(func(r *specs.LinuxResources) { r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(0))} }))
}

func TestMemoryLimit(t *testing.T) {
	const bytes = 64 << 20
	begin(t).limit("memory", "memory.limit_in_bytes", strconv.Itoa(bytes),
		limits(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(bytes))} }))
}

func TestCPUShares(t *testing.T) {
	begin(t).limit("cpu", "cpu.shares", "333", limits(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Shares: harness.Ptr(uint64(333))} }))
}

func TestUnified(t *testing.T) {
	unified := func(file, value string) harness.Mutate {
		return limits(func(r *specs.LinuxResources) { r.Unified = map[string]string{file: value} })
	}
	const why = "unified is of cgroup v2"
	each(t, "controller", func(c *C) {
		c.only(true, why)
		cgroup, inCgroup := c.cgroup()
		c.Create(c.Bundle(waits, inCgroup, unified("hugetlb.2MB.max", "4194304")))
		if got := c.CgroupFile("", cgroup, "hugetlb.2MB.max"); got != "4194304" {
			c.Errorf("it is %s", got)
		}
	})
	each(t, "any-file", func(c *C) {
		c.only(true, why)
		cgroup, inCgroup := c.cgroup()
		c.Create(c.Bundle(waits, inCgroup, unified("cgroup.max.descendants", "5")))
		if got := c.CgroupFile("", cgroup, "cgroup.max.descendants"); got != "5" {
			c.Errorf("it is %s", got)
		}
	})
	each(t, "missing", func(c *C) {
		c.only(true, why)
		c.refused(c.Bundle(waits, unified("nosuchcontroller.max", "5")))
	})
}

func TestLimitsThatCannotBeConverted(t *testing.T) {
	c := begin(t)
	c.only(true, "there is nothing to convert")
	c.refused(c.Bundle(waits, limits(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Swappiness: harness.Ptr(uint64(50))} })))
}
