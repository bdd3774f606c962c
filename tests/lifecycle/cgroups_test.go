package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func resources(set func(r *specs.LinuxResources)) harness.Mutate {
	return func(s *specs.Spec) { set(s.Linux.Resources) }
}

func cgroupsPath(path string) harness.Mutate {
	return func(s *specs.Spec) { s.Linux.CgroupsPath = path }
}

func TestLimitsOnTheNumberOfTasksAreInForce(t *testing.T) {
	h := harness.New(t)
	if !harness.Controller("pids") { // that is an error, not a missing limit
		b := h.Bundle(resources(func(r *specs.LinuxResources) { r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(5))} }))
		h.Fails(h.Run(b), "linux.resources.pids.limit", "pids")
		return
	}
	got := h.Sh("(for i in 1 2 3 4 5 6 7; do sleep 1000 & done) 2>&1; echo end", resources(func(r *specs.LinuxResources) {
		r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(4))}
	}))
	has(t, got, "can't fork: Resource temporarily unavailable")
}

func TestDeviceRulesDecideWhoMayOpenANode(t *testing.T) {
	rule := func(allow bool, minor int64, access string) specs.LinuxDeviceCgroup {
		return specs.LinuxDeviceCgroup{Allow: allow, Type: "c", Major: harness.Ptr(int64(1)), Minor: &minor, Access: access}
	}
	all := specs.LinuxDeviceCgroup{Allow: true, Access: "rwm"}
	none := specs.LinuxDeviceCgroup{Access: "rwm"}
	mem := func(s *specs.Spec) {
		s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/kmsg", Type: "c", Major: 1, Minor: 11}}
	}
	script := "(: < /dev/kmsg) 2>/dev/null && echo read; (: >> /dev/kmsg) 2>/dev/null && echo written; mknod /dev/shm/n c 1 11 2>/dev/null && echo made; : > /dev/null && echo null"
	for _, tt := range []struct {
		name  string
		rules []specs.LinuxDeviceCgroup
		want  string
	}{
		{"the default", []specs.LinuxDeviceCgroup{none}, "made null"},
		{"without rules", nil, "made null"},
		{"all", []specs.LinuxDeviceCgroup{all}, "read written made null"},
		{"reading", []specs.LinuxDeviceCgroup{none, rule(true, 11, "r")}, "read made null"},
		{"writing", []specs.LinuxDeviceCgroup{none, rule(true, 11, "w")}, "written made null"},
		{"all but writing", []specs.LinuxDeviceCgroup{all, rule(false, 11, "w")}, "read made null"},
		{"a later rule", []specs.LinuxDeviceCgroup{none, rule(true, 11, "rw"), rule(false, 11, "r")}, "written made null"},
		{"another minor", []specs.LinuxDeviceCgroup{none, rule(true, 12, "rw")}, "made null"},
		{"every minor", []specs.LinuxDeviceCgroup{none, rule(true, -1, "rw")}, "read written made null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New(t)
			got := h.Sh(script, harness.Caps("CAP_MKNOD", "CAP_SYS_ADMIN", "CAP_SYSLOG"), mem, func(s *specs.Spec) { s.Linux.Resources.Devices = tt.rules })
			expect(t, fields(got), tt.want)
		})
	}
}

func TestTheCgroupHoldsEveryProcessOfTheContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("sleep 1000 & sleep 1000 & echo up; wait"), harness.NoNamespace(specs.PIDNamespace)))
	c.Says("up")
	pids := h.CgroupPids(harness.AnyCgroup, c.ID)
	if len(pids) != 3 || pids[0] != h.State(c.ID).Pid {
		t.Errorf("pids %v, init is %d", pids, h.State(c.ID).Pid)
	}
	controllers := []string{"memory", "cpu", "cpuset", "freezer", "devices", "blkio", "cpuacct", "unified", "systemd"}
	if harness.V2() {
		controllers = nil
	}
	for _, controller := range controllers {
		if got := h.CgroupPids(controller, c.ID); fmt.Sprint(got) != fmt.Sprint(pids) {
			t.Errorf("%s: %v, want %v", controller, got, pids)
		}
	}
}

func TestACgroupThatWasThereStaysAndIsEmptied(t *testing.T) {
	h := harness.New(t)
	name := h.ID()
	dir := harness.CgroupDir(harness.AnyCgroup, name)
	h.Must(os.Mkdir(dir, 0o755))
	defer os.Remove(dir)
	c := h.Started(h.Bundle(harness.Script("setsid sleep 1000 & echo up; wait"), harness.NoNamespace(specs.PIDNamespace), cgroupsPath("/"+name)))
	c.Says("up")
	h.Ok(h.Creel("delete", "--force", c.ID))
	if pids := h.CgroupPids(harness.AnyCgroup, name); len(pids) > 0 {
		t.Errorf("left %v", pids)
	}
}

func TestACgroupOfSomebodyElseIsRefused(t *testing.T) {
	h := harness.New(t)
	owner := h.Started(h.Bundle(harness.Sleep))
	h.Fails(h.Run(h.Bundle(cgroupsPath("/"+owner.ID))), "linux.cgroupsPath", owner.ID)
	if s := h.State(owner.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestARelativeCgroupsPathIsRelativeToTheCallers(t *testing.T) {
	h := harness.New(t)
	name := h.ID()
	b := h.Bundle(harness.Script("sed -n s/^0:://p /proc/self/cgroup"), harness.NoNamespace(specs.CgroupNamespace), cgroupsPath(name))
	own, err := os.ReadFile("/proc/self/cgroup")
	h.Must(err)
	_, path, _ := strings.Cut(string(own), "0::")
	path, _, _ = strings.Cut(path, "\n")
	want := filepath.Join(path, name)
	if harness.V2() { // beside the caller's: a cgroup with processes has no controlled children
		want = filepath.Join(filepath.Dir(path), name)
	}
	expect(t, h.Ok(h.Run(b)).Stdout, want+"\n")
}

func TestACgroupsPathDoesNotLeaveTheTree(t *testing.T) {
	h := harness.New(t)
	name := h.ID()
	got := h.Sh("sed -n s/^0:://p /proc/self/cgroup", harness.NoNamespace(specs.CgroupNamespace), cgroupsPath("/../../.."+"/"+name+"/../"+name))
	expect(t, got, "/"+name)
}

func TestCgroupsThatTheContainerMadeAreRemovedWithTheirProcesses(t *testing.T) {
	h := harness.New(t)
	dir := "/sys/fs/cgroup"
	if !harness.V2() {
		dir += "/pids"
	}
	b := h.Bundle(harness.NoNamespace(specs.PIDNamespace), func(s *specs.Spec) {
		s.Mounts[6].Options = []string{"nosuid"}
	}, harness.Script("cd "+dir+` && mkdir -p a/b c && sleep 1000 & echo $! > `+dir+"/a/b/cgroup.procs 2>/dev/null; sleep 1000 & until echo $! > "+dir+"/a/b/cgroup.procs; do sleep 0.01; done 2>/dev/null; echo up; wait"))
	c := h.Started(b)
	c.Says("up")
	h.Ok(h.Creel("delete", "--force", c.ID))
	if _, err := os.Stat(harness.CgroupDir(harness.AnyCgroup, c.ID)); err == nil {
		t.Error("the cgroup is left")
	}
}

func TestAFrozenContainerIsDeletedByForce(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	if harness.V2() {
		h.WriteFile(harness.CgroupDir("", c.ID)+"/cgroup.freeze", "1", 0o644)
	} else {
		h.WriteFile(harness.CgroupDir("freezer", c.ID)+"/freezer.state", "FROZEN", 0o644)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, c.ID)
}

func memory(limit int64) harness.Mutate {
	return resources(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Limit: &limit, Swap: &limit} })
}

func TestAMebibyteOfMemoryIsEnoughOnAHostWithManyMounts(t *testing.T) {
	harness.Needs(t, "memory")
	h := harness.New(t)
	for i := range 300 {
		dir := h.Path("mounts", strconv.Itoa(i))
		h.Must(os.MkdirAll(dir, 0o755))
		h.MountBind(dir, dir)
	}
	h.Ok(h.Run(h.Bundle(memory(1 << 20))))
	h.Ok(h.Run(h.Bundle(memory(1<<20), harness.UserNS(0, 65536))))
}

// Below some limit init cannot even start: what happens then, to whom ever it happens, is told as the limit's doing.
func TestAMemoryLimitThatIsTooSmallIsNamed(t *testing.T) {
	harness.Needs(t, "memory")
	h := harness.New(t)
	failed := 0
	for limit := int64(4 << 10); limit <= 1<<20; limit += limit / 2 &^ 4095 {
		if limit < 8<<10 {
			limit = 8 << 10
		}
		r := h.Run(h.Bundle(memory(limit)))
		if r.Status == 0 {
			continue
		}
		failed++
		if r.Status == 137 {
			continue // it was the process itself
		}
		h.Fails(r, "linux.resources.memory.limit")
		if strings.Count(r.Stderr, "\n") != 1 {
			t.Error(r)
		}
	}
	if failed == 0 {
		t.Error("8 KiB of memory are enough")
	}
}

func TestHugePagesAreLimitedWhereTheControllerIs(t *testing.T) {
	limit := resources(func(r *specs.LinuxResources) {
		r.HugepageLimits = []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 6 << 20}}
	})
	h := harness.New(t)
	if !harness.V2() {
		// on a hybrid machine the controller may be at cgroup2's
		c := h.Create(h.Bundle(limit))
		expect(t, h.CgroupFile("unified", c.ID, "hugetlb.2MB.max"), "6291456")
		return
	}
	c := h.Create(h.Bundle(limit))
	expect(t, h.CgroupFile("", c.ID, "hugetlb.2MB.max"), "6291456")
	c = h.Create(h.Bundle(resources(func(r *specs.LinuxResources) { r.Unified = map[string]string{"hugetlb.2MB.max": "2097152"} })))
	expect(t, h.CgroupFile("", c.ID, "hugetlb.2MB.max"), "2097152")
}

func TestAUserNamespaceOwnsACgroupThatItMayWrite(t *testing.T) {
	h := harness.New(t)
	view := func(options ...string) harness.Mutate {
		return func(s *specs.Spec) { s.Mounts[6].Options = options }
	}
	for _, writable := range []bool{true, false} {
		m := view("ro")
		if writable {
			m = view("nosuid")
		}
		root := h.OwnRootAt(fmt.Sprint(writable))
		h.Chown(root, 100000, 100000)
		c := h.Create(h.Bundle(harness.UserNS(100000, 65536), harness.Root(root), m))
		info, err := os.Stat(harness.CgroupDir(harness.AnyCgroup, c.ID))
		h.Must(err)
		owned := strings.Contains(fmt.Sprintf("%+v", info.Sys()), "Uid:100000")
		if owned != (writable && harness.V2()) {
			t.Errorf("writable %v: owned by the container %v", writable, owned)
		}
	}
}
