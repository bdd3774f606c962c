package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// cgroup gives the container a cgroup of this test's own, and returns its path.
func (c *C) cgroup() (string, harness.Mutate) {
	path := "/" + c.ID() + "-cgroup"
	return path, func(s *S) { s.Linux.CgroupsPath = path }
}

func TestEnvironmentExistsOnceCreated(t *testing.T) {
	c := begin(t)
	source := c.Path("source")
	c.Must(os.Mkdir(source, 0o755))
	cgroup, inCgroup := c.cgroup()
	k := c.Create(c.Bundle(waits, inCgroup, harness.Bind(source, "/tmp")))
	pid := c.State(k.ID).Pid
	if info := c.ProcFile(pid, "mountinfo"); !strings.Contains(info, " /tmp ") {
		t.Errorf("nothing is mounted on /tmp:\n%s", info)
	}
	for _, ns := range []string{"mnt", "pid", "net", "ipc", "uts"} {
		host, _ := os.Readlink("/proc/self/ns/" + ns)
		if got := c.ProcLink(pid, "ns/"+ns); got == host {
			t.Errorf("the %s namespace is the host's", ns)
		}
	}
	if _, err := os.Stat(harness.CgroupDir("pids", cgroup)); err != nil {
		t.Error(err)
	}
	if got := c.ProcFile(pid, "cgroup"); !strings.Contains(got, cgroup) {
		t.Errorf("it is in the cgroups %s", got)
	}
}

func TestCreateFailsForWhatCannotBeApplied(t *testing.T) {
	for name, mutate := range map[string]harness.Mutate{
		"mount":     harness.Bind("/there/is/no/such/source", "/tmp"),
		"sysctl":    func(s *S) { s.Linux.Sysctl = map[string]string{"net.ipv4.no_such_thing": "1"} },
		"namespace": harness.Namespace(specs.NetworkNamespace, "/there/is/no/such/namespace"),
		"netDevices": func(s *S) {
			s.Linux.NetDevices = map[string]specs.LinuxNetDevice{"nosuchdev0": {}}
		},
		"memoryPolicy": func(s *S) {
			s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: "MPOL_NO_SUCH_MODE", Nodes: "0"}
		},
	} {
		each(t, name, func(c *C) { c.refused(c.Bundle(waits, mutate)) })
	}
}

func TestConfigChangesAfterCreateDoNothing(t *testing.T) {
	c := begin(t)
	bundle := c.Bundle(harness.Args("/bin/probe", "before"), func(s *S) { s.Hostname = "before" })
	other := c.Bundle(harness.Args("/bin/probe", "after"), func(s *S) { s.Hostname = "after" })
	k := c.Create(bundle)
	c.Must(os.Rename(other+"/config.json", bundle+"/config.json"))
	c.Ok(c.Creel("start", k.ID))
	k.Says("}\n")
	if r := c.decode(k.Output()); r.Args[1] != "before" || r.Hostname != "before" {
		t.Errorf("it runs %q on %s", r.Args, r.Hostname)
	}
}

// cgroups lists the directories of this path in all hierarchies.
func cgroups(path string) (found []string) {
	for _, pattern := range []string{"/sys/fs/cgroup" + path, "/sys/fs/cgroup/*" + path} {
		match, _ := filepath.Glob(pattern)
		found = append(found, match...)
	}
	return found
}

func TestDeleteUndoesCreate(t *testing.T) {
	c := begin(t)
	cgroup, inCgroup := c.cgroup()
	k := c.Started(c.Bundle(harness.Sleep, inCgroup))
	pid := c.State(k.ID).Pid
	if len(cgroups(cgroup)) == 0 {
		t.Fatalf("there is no cgroup %s", cgroup)
	}
	c.stopped(k.ID)
	c.Ok(c.Creel("delete", k.ID))
	if left := cgroups(cgroup); len(left) > 0 {
		t.Errorf("there are still %q", left)
	}
	if line := read(fmt.Sprintf("/proc/%d/cmdline", pid)); line != "" {
		t.Errorf("there is still %q", line)
	}
	c.fails("state", c.Creel("state", k.ID))
	if left := c.Containers(); len(left) > 0 {
		t.Errorf("there is still %q", left)
	}
}

func TestDeleteLeavesWhatItDidNotMake(t *testing.T) {
	c := begin(t)
	source := c.Path("source")
	c.Must(os.Mkdir(source, 0o755))
	c.WriteFile(source+"/file", "kept", 0o644)
	root, own := c.ownRoot()
	cgroup := "/" + c.ID() + "-parent"
	dir := harness.CgroupDir("pids", cgroup)
	c.Must(os.Mkdir(dir, 0o755))
	t.Cleanup(func() { os.Remove(dir) })
	bundle := c.Bundle(looks, own, harness.Bind(source, "/tmp"), func(s *S) { s.Linux.CgroupsPath = cgroup + "/child" })
	k := c.Started(bundle)
	c.WaitFor(k.ID, "stopped")
	c.Ok(c.Creel("delete", k.ID))
	for _, path := range []string{source + "/file", root + "/bin/probe", bundle + "/config.json", dir} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	for _, left := range cgroups(cgroup) { // what create made on its way
		c.Must(os.Remove(left))
	}
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	c := begin(t)
	cgroup, inCgroup := c.cgroup()
	mounts := read("/proc/self/mountinfo")
	c.refused(c.Bundle(waits, inCgroup, harness.Bind("/there/is/no/such/source", "/tmp")))
	c.refused(c.Bundle(harness.Args("/no/such/program"), inCgroup, func(s *S) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: "/bin/false"}}}
	}))
	if left := cgroups(cgroup); len(left) > 0 {
		t.Errorf("there are %q", left)
	}
	if left := c.Containers(); len(left) > 0 {
		t.Errorf("there are %q", left)
	}
	if now := read("/proc/self/mountinfo"); now != mounts {
		t.Errorf("the mounts were:\n%s\nand are:\n%s", mounts, now)
	}
}

func TestWarningChangesNothing(t *testing.T) {
	c := begin(t)
	r := c.see(func(s *S) {
		s.Process.Capabilities.Bounding = append(s.Process.Capabilities.Bounding, "CAP_OF_NO_KERNEL")
		s.Process.Capabilities.Permitted = append(s.Process.Capabilities.Permitted, "CAP_OF_NO_KERNEL")
		s.Process.Env = []string{"AFTER=all"}
		s.Hostname = "warned"
	})
	if r.Hostname != "warned" || !strings.Contains(strings.Join(r.Env, " "), "AFTER=all") {
		t.Errorf("it runs on %s with %q", r.Hostname, r.Env)
	}
}
