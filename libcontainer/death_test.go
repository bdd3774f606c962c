package libcontainer

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/initproc"
	"golang.org/x/sys/unix"
)

// memoryGroup is a cgroup of which only the memory is asked for.
type memoryGroup struct {
	cgroups.Group
	info cgroups.OOMInfo
}

func (g memoryGroup) OOM() (cgroups.OOMInfo, error) { return g.info, nil }

func TestAStatusIsReadWithoutReapingTheProcess(t *testing.T) {
	for script, want := range map[string]string{"exit 7": "ended with status 7", "kill -KILL $$": "was killed by signal SIGKILL", "kill -40 $$": "was killed by signal 40"} {
		c := start(t, "sh", "-c", script)
		for range 2 {
			if ws, ended := c.status(true); !ended || statusWords(ws) != want {
				t.Errorf("%q: %s, %t", script, statusWords(ws), ended)
			}
		}
		c.reap()
	}
	c := start(t, "sleep", "1000")
	if ws, ended := c.status(false); ended {
		t.Errorf("a process that runs has %s", statusWords(ws))
	}
	c.end()
}

func TestWhatWentWrongIsExplainedByWhatTheProcessesDiedOf(t *testing.T) {
	const spent = "out of memory: linux.resources.memory.limit is 4096 bytes, 4000 in use, 4090 at the peak"
	const limits = "linux.resources.memory.limit is 4096 bytes, 4000 in use, 4090 at the peak"
	idle := memoryGroup{info: cgroups.OOMInfo{Limit: 4096, Usage: 4000, Peak: 4090}}
	killed := idle
	killed.info.Killed = 1
	above := memoryGroup{info: cgroups.OOMInfo{Killed: 1, Usage: 5, Peak: 6}}
	pipe := fmt.Errorf("init: let it go on: %w", unix.EPIPE)
	told := &initproc.Failure{Label: "mounts[1]: mount", Errno: unix.ENOENT}
	refused := &initproc.Failure{Label: "mounts[1]: mount", Errno: unix.ENOMEM}
	for _, c := range []struct {
		script string
		err    error
		cg     memoryGroup
		want   string
	}{
		{"kill -KILL $$", pipe, idle, "init was killed by signal SIGKILL"},
		{"exit 3", pipe, idle, "init ended with status 3"},
		{"kill -KILL $$", pipe, killed, "init was killed by signal SIGKILL: " + spent},
		{"kill -KILL $$", pipe, above, "init was killed by signal SIGKILL: out of memory: there is no linux.resources.memory.limit, so that the limit is that of a cgroup above, or the machine's: 5 in use, 6 at the peak"},
		{"kill -KILL $$", unix.EPERM, idle, "operation not permitted: init was killed by signal SIGKILL"},
		{"exit 3", unix.EPERM, idle, "operation not permitted"},
		{"exit 1", told, idle, "mounts[1]: mount: no such file or directory"},
		{"exit 1", told, killed, "mounts[1]: mount: no such file or directory: " + spent},
		{"exit 1", refused, idle, "mounts[1]: mount: cannot allocate memory: " + limits},
		{"exit 1", refused, memoryGroup{}, "mounts[1]: mount: cannot allocate memory"},
	} {
		b := &dialogue{cg: c.cg, helper: start(t, "sh", "-c", c.script)}
		b.helper.status(true) // it has ended
		err := b.explain(c.err, true)
		if err.Error() != c.want {
			t.Errorf("%q, %v:\ngot  %v\nwant %s", c.script, c.err, err, c.want)
		}
		if !errors.Is(err, c.err) && !errors.Is(c.err, unix.EPIPE) {
			t.Errorf("%v does not wrap %v", err, c.err)
		}
		b.helper.reap()
	}
}

func TestABrokenPipeToSomebodyElseIsNotInits(t *testing.T) {
	c := start(t, "sleep", "1000")
	b := &dialogue{cg: memoryGroup{}, pid: c.pid, pidfd: c.fd}
	if err := b.explain(unix.EPIPE, false); !errors.Is(err, unix.EPIPE) {
		t.Errorf("%v", err)
	}
	c.end()
}

func TestTicksThatWereMissedAreLeftOut(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	for _, c := range []struct{ tick, now, want int }{{100, 100, 200}, {100, 150, 200}, {100, 199, 200}, {100, 200, 300}, {100, 555, 600}} {
		if got := later(at(c.tick), at(c.now), 100*time.Millisecond); !got.Equal(at(c.want)) {
			t.Errorf("after %d at %d comes %d", c.tick, c.now, got.UnixMilli())
		}
	}
}
