package lifecycle

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// ownProcs are the files that list the container's processes in its view: on v2 in
// the host's namespace the view is the host's.
const ownProcs = `if [ -e /sys/fs/cgroup/cgroup.procs ]; then cd /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup) && f=cgroup.procs
	else cd /sys/fs/cgroup && f="pids/cgroup.procs memory/cgroup.procs unified/cgroup.procs"; fi; `

func TestTheContainerFindsItselfInItsView(t *testing.T) {
	for _, v := range []struct {
		userns, cgroupns bool
	}{{false, true}, {true, true}, {false, false}, {true, false}} {
		t.Run(fmt.Sprintf("userns %v, cgroup namespace %v", v.userns, v.cgroupns), func(t *testing.T) {
			h := harness.New(t)
			m := []harness.Mutate{}
			if v.userns {
				m = append(m, harness.UserNS(0, 65536))
			}
			if !v.cgroupns {
				m = append(m, harness.NoNamespace(specs.CgroupNamespace))
			}
			b := h.Bundle(append(m, harness.Script(ownProcs+"sort -u $f | head -1; touch x 2>&1; sed -n s/^0:://p /proc/self/cgroup"))...)
			id := h.ID()
			r := h.Ok(h.Creel("run", "--bundle", b, id))
			path := "/" + id
			if v.cgroupns {
				path = "/"
			}
			// pid 1 is the shell; sort and its like come and go
			expect(t, r.Stdout, "1\ntouch: x: Read-only file system\n"+path+"\n")
		})
	}
}

// TestInTheHostsCgroupNamespaceV2ShowsTheWholeHierarchy: programs look for the path in /proc/self/cgroup there. On v1
// the view is the container's own cgroup.
func TestInTheHostsCgroupNamespaceV2ShowsTheWholeHierarchy(t *testing.T) {
	writable := func(s *specs.Spec) {
		for i := range s.Mounts {
			if s.Mounts[i].Destination == "/sys/fs/cgroup" {
				s.Mounts[i].Options = []string{"rw"}
			}
		}
	}
	for _, c := range []struct {
		name   string
		mutate []harness.Mutate
		want   string
	}{
		{"read-only", nil, "no"},
		{"rw", []harness.Mutate{writable}, "yes"},
		{"rw in a user namespace", []harness.Mutate{harness.UserNS(0, 65536), writable}, "no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := harness.New(t)
			dir, own := "/sys/fs/cgroup/", "./$(sed -n s,^0::/,,p /proc/self/cgroup)"
			if !harness.V2() {
				dir, own = dir+"pids/", "."
			}
			other := h.ID()
			h.Must(os.Mkdir(dir+other, 0o755))
			defer os.Remove(dir + other)
			got := fields(h.Sh("cd "+dir+"; ls -d "+other+" 2>/dev/null; mkdir "+own+"/new 2>/dev/null && rmdir "+own+"/new && echo yes || echo no",
				append(c.mutate, harness.NoNamespace(specs.CgroupNamespace))...))
			want := c.want
			if harness.V2() {
				want = other + " " + want
			}
			expect(t, got, want)
		})
	}
}

func TestEveryHierarchyOfTheHostIsInTheView(t *testing.T) {
	h := harness.New(t)
	got := fields(h.Sh("ls /sys/fs/cgroup; stat -f -c %t /sys/fs/cgroup"))
	if harness.V2() {
		has(t, got, "cgroup.controllers", "cgroup.procs", "63677270")
		return
	}
	entries, err := os.ReadDir("/sys/fs/cgroup")
	h.Must(err)
	for _, e := range entries {
		has(t, " "+got+" ", " "+e.Name()+" ")
	}
	has(t, got, "1021994")
}

func TestAWritableViewLetsTheContainerMakeCgroups(t *testing.T) {
	for _, userns := range []bool{false, true} {
		if userns && !harness.V2() {
			continue // on v1 cgroups are not handed over
		}
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			m := func(*specs.Spec) {}
			if userns {
				m = shifted(h)
			}
			dir := "/sys/fs/cgroup"
			if !harness.V2() {
				dir += "/pids"
			}
			got := h.Sh("cd "+dir+"; mkdir sub && echo $$ > sub/cgroup.procs && cat sub/cgroup.procs | head -1; cat /proc/self/cgroup", m, func(s *specs.Spec) {
				for i := range s.Mounts {
					if s.Mounts[i].Destination == "/sys/fs/cgroup" {
						s.Mounts[i].Options = []string{"nosuid", "noexec", "nodev", "relatime"}
					}
				}
			})
			has(t, got, "1\n", "/sub")
		})
	}
}

func TestTheViewKeepsTheHostsMountOptions(t *testing.T) {
	h := harness.New(t)
	host, err := os.ReadFile("/proc/self/mountinfo")
	h.Must(err)
	before := superOf(h, string(host))
	h.Sh("true", harness.NoNamespace(specs.CgroupNamespace))
	h.Sh("true")
	host, err = os.ReadFile("/proc/self/mountinfo")
	h.Must(err)
	expect(t, superOf(h, string(host)), before)
}

func superOf(h *harness.H, mountinfo string) (all string) {
	h.Helper()
	for _, m := range parseMounts(h, mountinfo) {
		if strings.HasPrefix(m.fstype, "cgroup") {
			all += fmt.Sprintln(m.point, m.options, m.super)
		}
	}
	return all
}
