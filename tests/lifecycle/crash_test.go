package lifecycle

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"github.com/creel-project/creel/tests/leakcheck"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// interrupted runs a command in rounds and kills it a little later in each; after each
// round the container must be gone, or listed and removable, and then nothing may be left.
func interrupted(h *harness.H, rounds int, step time.Duration, prepare func() (id string, args []string)) {
	h.Helper()
	before, err := leakcheck.Take()
	h.Must(err)
	for i := range rounds {
		id, args := prepare()
		p := h.Go(nil, args...)
		time.Sleep(time.Duration(i) * step)
		h.Must(p.Process.Signal(syscall.SIGKILL))
		p.Result()
		settle(h, before, id, time.Duration(i)*step)
	}
}

// settle checks what a killed command has left, and that force removes it.
func settle(h *harness.H, before *leakcheck.Snapshot, id string, after time.Duration) {
	h.Helper()
	if left := h.Containers(); len(left) > 0 {
		r := h.Ok(h.Creel("list"))
		if !strings.Contains(r.Stdout+r.Stderr, id) {
			h.Errorf("after %s: list does not show %s: %s", after, id, r)
		}
	}
	h.Ok(h.Creel("delete", "--force", id))
	var leaks []string
	h.Eventually("nothing is left", func() bool {
		now, err := leakcheck.Take()
		h.Must(err)
		if left := h.Containers(); len(left) > 0 {
			h.Fatalf("after %s: left %v", after, left)
		}
		leaks = nil
		for _, l := range before.Leaks(now) {
			if !strings.HasPrefix(l, "open file") { // of this test
				leaks = append(leaks, l)
			}
		}
		return len(leaks) == 0
	})
}

func TestNothingIsLostWhenCreateIsKilled(t *testing.T) {
	for name, m := range map[string]harness.Mutate{
		"one stage":  func(*specs.Spec) {},
		"two stages": harness.UserNS(0, 65536),
		"idmap":      func(s *specs.Spec) { harness.Bind("/etc", "/mnt", "ro")(s); idMapped(s) },
		"hooks": func(s *specs.Spec) {
			l := []specs.Hook{{Path: "/bin/true"}}
			s.Hooks = &specs.Hooks{CreateRuntime: l, CreateContainer: l}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Sleep, m)
			interrupted(h, 40, 300*time.Microsecond, func() (string, []string) {
				id := h.ID()
				return id, []string{"create", "--bundle", b, id}
			})
		})
	}
}

func TestNothingIsLostWhenRunIsKilled(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	interrupted(h, 40, 400*time.Microsecond, func() (string, []string) {
		id := h.ID()
		return id, []string{"run", "--bundle", b, id}
	})
}

func TestNothingIsLostWhenStartIsKilled(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	interrupted(h, 20, 200*time.Microsecond, func() (string, []string) {
		c := h.Create(b)
		return c.ID, []string{"start", c.ID}
	})
}

func TestNothingIsLostWhenDeleteIsKilled(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	interrupted(h, 25, 300*time.Microsecond, func() (string, []string) {
		c := h.Started(b)
		return c.ID, []string{"delete", "--force", c.ID}
	})
}

func TestAKilledRunLeavesItsContainerRunning(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, harness.Script("echo up; exec sleep 1000"))
	h.Must(c.Process.Process.Signal(syscall.SIGKILL))
	c.Result()
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestTheRecordSurvivesAFullDisk(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	h.Must(exec.Command("mkdir", h.Root).Run())
	h.Must(syscall.Mount("tmpfs", h.Root, "tmpfs", 0, "nr_inodes=3,mode=700"))
	defer syscall.Unmount(h.Root, syscall.MNT_DETACH)
	h.Fails(h.Creel("create", "--bundle", h.Bundle(), h.ID()), "no space left on device")
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
