package security

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// CVE-2024-21626: a working directory that is an fd of the runtime's would be outside.
func TestNoFdOfTheRuntimeIsAWorkingDirectoryForExec(t *testing.T) {
	h := harness.New(t)
	v := newVictim(h)
	c := h.Started(h.Bundle(harness.Sleep))
	for fd := range 24 {
		p := h.Go(func(c *exec.Cmd) { c.Dir = v.dir }, "exec", "--cwd", fmt.Sprintf("/proc/self/fd/%d", fd), c.ID, "sh", "-c", "pwd -P; ls; echo evil > evil")
		if r := p.Result(); r.Status == 0 {
			t.Errorf("fd %d: %s", fd, r)
		}
	}
	v.unchanged()
}

// CVE-2016-9962: what exec does on its way into a container is closed to the processes
// there, be they root of a user namespace with all capabilities in it.
func TestAnExecOnItsWayIsClosedToTheContainer(t *testing.T) {
	for name, inside := range map[string]func(h *harness.H) []harness.Mutate{
		"root": func(*harness.H) []harness.Mutate { return nil },
		"root of a user namespace": func(h *harness.H) []harness.Mutate {
			root := h.OwnRoot()
			h.Chown(root, 100000, 100000)
			return []harness.Mutate{harness.Root(root), harness.UserNS(100000, 65536), harness.Caps(allCaps...)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			spy := harness.Script(`cd /proc; echo up; while :; do for p in [0-9]*; do
				case $p in 1|$$) continue;; esac
				for f in 0 1 2 3 4 5 6 7 8 9; do l=$(readlink $p/fd/$f) && echo "$l"; done
				l=$(readlink $p/exe) && echo "$l"; l=$(readlink $p/cwd) && echo "$l"; l=$(readlink $p/root) && echo "root $l"
			done; done`)
			c := h.Started(h.Bundle(append([]harness.Mutate{spy}, inside(h)...)...))
			c.Says("up")
			for range 100 {
				h.Ok(h.Creel("exec", "--cwd", "/tmp", c.ID, "sleep", "0.01"))
			}
			seen := c.Output()
			if !strings.Contains(seen, "\n/tmp\n") {
				t.Fatal("the container did not look in time: it has seen no process of exec at all")
			}
			words := []string{"memfd:", "anon_inode:", harness.Program()}
			if name == "root" {
				// Within execve(2) the new memory is the container's before close-on-exec files are
				// closed: whoever may trace all of its user namespace can see in that instant that
				// there is a socket, on which nothing comes any more but the end.
				words = append(words, "socket:")
			}
			for _, word := range words {
				if strings.Contains(seen, word) {
					t.Errorf("the container saw %q", word)
				}
			}
		})
	}
}

// allCaps are those that let a process look at others.
var allCaps = []string{"CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_PERFMON", "CAP_CHECKPOINT_RESTORE"}
