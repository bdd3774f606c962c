package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// nsFiles are the types of namespaces and their names in /proc.
var nsFiles = map[specs.LinuxNamespaceType]string{
	specs.PIDNamespace: "pid", specs.NetworkNamespace: "net", specs.MountNamespace: "mnt", specs.IPCNamespace: "ipc",
	specs.UTSNamespace: "uts", specs.UserNamespace: "user", specs.CgroupNamespace: "cgroup", specs.TimeNamespace: "time",
}

// hostNS is the namespace that the runtime is called in.
func hostNS(name string) string {
	link, _ := os.Readlink("/proc/self/ns/" + name)
	return link
}

// unnamed leaves out what only a new uts namespace may have.
func unnamed(s *S) { s.Hostname = "" }

func TestNamespaceIsNew(t *testing.T) {
	for kind, name := range nsFiles {
		each(t, string(kind), func(c *C) {
			more := harness.Namespace(kind, "")
			if kind == specs.UserNamespace {
				_, more = c.shifted()
			}
			if got := c.see(more).Namespaces[name]; got == hostNS(name) || got == "" {
				c.Errorf("it is the host's, %s", got)
			}
		})
	}
}

func TestNamespaceIsInherited(t *testing.T) {
	for kind, name := range nsFiles {
		if kind == specs.MountNamespace { // a root filesystem of its own wants one
			continue
		}
		each(t, string(kind), func(c *C) {
			if got := c.see(harness.NoNamespace(kind), unnamed).Namespaces[name]; got != hostNS(name) {
				c.Errorf("it is %s, not the host's", got)
			}
		})
	}
}

// flags of clone(2) for the namespaces that a test holds open.
var nsFlags = map[specs.LinuxNamespaceType]uintptr{
	specs.NetworkNamespace: syscall.CLONE_NEWNET, specs.IPCNamespace: syscall.CLONE_NEWIPC, specs.UTSNamespace: syscall.CLONE_NEWUTS,
	specs.PIDNamespace: syscall.CLONE_NEWPID, specs.CgroupNamespace: 0x02000000, specs.UserNamespace: 0, specs.TimeNamespace: 0,
}

// holder starts a process in a new namespace of this type, and returns its pid.
func (c *C) holder(kind specs.LinuxNamespaceType) int {
	c.Helper()
	if kind == specs.UserNamespace {
		return c.HeldUserNS(0)
	}
	args := []string{"sleep", "1000"}
	if kind == specs.TimeNamespace { // entered by execve(2)
		args = append([]string{"unshare", "-T", "--boottime", "1000", "--"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: nsFlags[kind], Pdeathsig: syscall.SIGKILL}
	c.Must(cmd.Start())
	c.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	name := nsFiles[kind]
	c.Eventually("the holder is in its namespace", func() bool {
		return c.ProcLink(cmd.Process.Pid, "ns/"+name) != hostNS(name)
	})
	return cmd.Process.Pid
}

func TestNamespaceIsJoined(t *testing.T) {
	for kind := range nsFlags {
		each(t, string(kind), func(c *C) {
			name := nsFiles[kind]
			pid := c.holder(kind)
			mutate := []harness.Mutate{unnamed, harness.Namespace(kind, fmt.Sprintf("/proc/%d/ns/%s", pid, name))}
			if kind == specs.UserNamespace {
				root, own := c.ownRoot()
				c.Chown(root, 100000, 100000)
				mutate = append(mutate, own)
			}
			if got, want := c.see(mutate...).Namespaces[name], c.ProcLink(pid, "ns/"+name); got != want {
				c.Errorf("it is %s, not %s", got, want)
			}
		})
	}
}

func TestNamespaceOfAnotherTypeIsRefused(t *testing.T) {
	c := begin(t)
	pid := c.holder(specs.IPCNamespace)
	c.refused(c.Bundle(waits, harness.Namespace(specs.NetworkNamespace, fmt.Sprintf("/proc/%d/ns/ipc", pid))))
	c.WriteFile(c.Path("file"), "", 0o644)
	c.refused(c.Bundle(waits, harness.Namespace(specs.NetworkNamespace, c.Path("file"))))
}

func TestNamespacePathMustBeAbsolute(t *testing.T) {
	c := begin(t)
	pid := c.holder(specs.NetworkNamespace)
	bundle := c.Bundle(waits, harness.Namespace(specs.NetworkNamespace, fmt.Sprintf("proc/%d/ns/net", pid)))
	id := c.ID()
	c.fails("create", c.Go(inDir("/"), "create", "--bundle", bundle, id).Result())
	c.fails("state", c.Creel("state", id))
}
