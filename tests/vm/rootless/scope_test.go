package rootless

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// scope is where the user's own systemd puts a container of that id.
func scope(id string) string { return filepath.Join(manager, "user.slice", "creel-"+id+".scope") }

func withUsersSystemd(t *testing.T) *harness.H {
	h := harness.New(t)
	h.Global = []string{"--systemd-cgroup"}
	return h
}

// session runs creel as the user would from his terminal: outside of what his systemd has, with what his login sets.
func session(h *harness.H, args ...string) *harness.Process {
	h.Helper()
	return plain(h, args...)
}

func TestTheUsersOwnSystemdMakesTheScopeAndLimitsAreInForce(t *testing.T) {
	h := withUsersSystemd(t)
	id := h.ID()
	h.Ok(session(h, "create", "--bundle", bundle(h, subordinate, limits(32<<20, 20), harness.Sleep), id).Result())
	h.Ok(session(h, "start", id).Result())
	for file, want := range map[string]string{"memory.max": "33554432", "memory.swap.max": "0", "pids.max": "20"} {
		if got := h.CgroupFile("", scope(id), file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	if pids := h.CgroupPids("", scope(id)); !slices.Contains(pids, h.State(id).Pid) {
		t.Errorf("the processes of %s are %v", scope(id), pids)
	}
	h.Ok(session(h, "update", "--pids-limit", "30", id).Result())
	if got := h.CgroupFile("", scope(id), "pids.max"); got != "30" {
		t.Errorf("pids.max is %q", got)
	}
	h.Ok(session(h, "delete", "--force", id).Result())
	if _, err := os.Stat("/sys/fs/cgroup" + scope(id)); err == nil {
		t.Error("the scope is left")
	}
}

func TestExecFromOutsideOfTheScopeIsMovedIntoItBySystemd(t *testing.T) {
	h := withUsersSystemd(t)
	id := h.ID()
	h.Ok(session(h, "create", "--bundle", bundle(h, subordinate, harness.Sleep), id).Result())
	h.Ok(session(h, "start", id).Result())
	r := h.Ok(session(h, "exec", id, "/bin/cat", "/proc/self/cgroup", "/proc/1/cgroup").Result())
	if lines := strings.Fields(r.Stdout); len(lines) != 2 || lines[0] != lines[1] {
		t.Errorf("its cgroup and init's: %q", r.Stdout)
	}
	p := session(h, "exec", id, "/bin/sleep", "1000")
	h.Eventually("it is in the scope", func() bool { return len(h.CgroupPids("", scope(id))) == 2 })
	h.Must(unix.Kill(h.State(id).Pid, unix.SIGKILL))
	p.Result()
}

func TestAUserWithoutASystemdIsTold(t *testing.T) {
	h := withUsersSystemd(t)
	b := bundle(h, subordinate)
	run := func(env ...string) harness.Result {
		return h.Go(func(c *exec.Cmd) {
			before(h, c, "setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "--")
			c.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
		}, "run", "--bundle", b, h.ID()).Result()
	}
	h.Fails(run(), "connect to the user's systemd", "neither XDG_RUNTIME_DIR nor DBUS_SESSION_BUS_ADDRESS is set")
	h.Fails(run("XDG_RUNTIME_DIR=/nonexistent"), "connect to the user's systemd", "/nonexistent/bus: connect: no such file or directory")
	if left := h.Containers(); len(left) > 0 {
		t.Error(left)
	}
}

// Podman calls the runtime like this: as root of a user namespace whose root is the user.
func TestRootOfAUserNamespaceUsesTheUsersSystemd(t *testing.T) {
	h := withUsersSystemd(t)
	id := h.ID()
	b := bundle(h, harness.Script("cat /proc/self/cgroup"), func(s *specs.Spec) {
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{Size: 1}}
		s.Linux.GIDMappings = []specs.LinuxIDMapping{{Size: 1}}
		s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(n specs.LinuxNamespace) bool { return n.Type == specs.CgroupNamespace })
	})
	r := h.Ok(h.Go(func(c *exec.Cmd) {
		before(h, c, "setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "--", "unshare", "--map-root-user", "--")
	}, "run", "--bundle", b, id).Result())
	if want := "0::" + scope(id) + "\n"; r.Stdout != want {
		t.Errorf("its cgroup is %q, want %q", r.Stdout, want)
	}
}
