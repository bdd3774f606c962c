package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/spec"
	"github.com/creel-project/creel/tests/harness"
	"github.com/creel-project/creel/tests/leakcheck"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// hang is what hanging hooks sleep for, and their mark.
const hang = "98765432"

// hanging lists all processes that hang, of whatever parent.
func hanging(h *harness.H) (pids []int) {
	h.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	h.Must(err)
	for _, f := range files {
		text, _ := os.ReadFile(f) // it may have ended
		if slices.Contains(strings.Fields(strings.ReplaceAll(string(text), "\x00", " ")), hang) {
			pid, err := strconv.Atoi(strings.Split(f, "/")[2])
			h.Must(err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// endHanging ends what a failed test leaves.
func endHanging(h *harness.H) {
	for _, pid := range hanging(h) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// hangs is a container with a hook that hangs, with a child that does, when it runs
// for the first time; then there is a file, whose name is returned.
func hangs(h *harness.H, kind string) (m harness.Mutate, up string) {
	h.Helper()
	dir := h.Path("shared")
	h.Cleanup(func() { endHanging(h) })
	h.Must(os.Mkdir(dir, 0o777))
	up = filepath.Join(dir, "up")
	script := "[ -e " + up + " ] && exit 0; sleep " + hang + " & echo > " + up + "; sleep " + hang + "; exit 0"
	return func(s *specs.Spec) {
		harness.Root(h.OwnRootAt("hangs"))(s)
		harness.Bind(dir, dir)(s)
		hook(kind, script)(s)
	}, up
}

func TestARuntimeThatIsKilledDuringAHookLeavesNothingBehindADelete(t *testing.T) {
	for _, kind := range hookKinds {
		for name, m := range map[string]harness.Mutate{"own pids": func(*specs.Spec) {}, "host's pids": hostPids} {
			for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
				t.Run(kind+", "+name+", "+sig.String(), func(t *testing.T) { killedInHook(harness.New(t), kind, m, sig) })
			}
		}
	}
}

func killedInHook(h *harness.H, kind string, m harness.Mutate, sig syscall.Signal) {
	h.Helper()
	before, err := leakcheck.Take()
	h.Must(err)
	with, up := hangs(h, kind)
	b := h.Bundle(with, m, harness.Sleep)
	id := h.ID()
	args := []string{"create", "--bundle", b, id}
	if kind == "startContainer" || kind == "poststart" || kind == "poststop" {
		h.Ok(h.Creel(args...))
		args = []string{"start", id}
	}
	if kind == "poststop" {
		h.Ok(h.Creel(args...))
		args = []string{"delete", "--force", id}
	}
	p := h.Go(nil, args...)
	h.Eventually("the hook runs", func() bool { _, err := os.Stat(up); return err == nil })
	h.Must(p.Process.Signal(sig))
	p.Result()
	if kind == "createContainer" || kind == "startContainer" { // init sees the end
		h.Eventually("the hook has ended", func() bool { return len(hanging(h)) == 0 })
	}
	settle(h, before, id, 0)
	h.Eventually("no process of the hook is left", func() bool { return len(hanging(h)) == 0 })
}

// The moments between the fork of a hook and the record of its pid are among these.
func TestNoHookIsLostWhenCreateIsKilled(t *testing.T) {
	for _, kind := range []string{"createRuntime", "createContainer"} {
		t.Run(kind, func(t *testing.T) {
			h := harness.New(t)
			h.Cleanup(func() { endHanging(h) })
			b := h.Bundle(harness.Sleep, hook(kind, "exec sleep "+hang))
			interrupted(h, 40, 200*time.Microsecond, func() (string, []string) {
				id := h.ID()
				return id, []string{"create", "--bundle", b, id}
			})
			h.Eventually("no hook is left", func() bool { return len(hanging(h)) == 0 })
		})
	}
}

func TestForcedDeleteSparesAProgramThatEmbedsCreel(t *testing.T) {
	h := harness.New(t)
	with, up := hangs(h, "createRuntime")
	b := h.Bundle(with, harness.Sleep)
	s, err := spec.Load(b)
	h.Must(err)
	other := exec.Command("sleep", "1000") // leads a process group, as hooks do
	other.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h.Must(other.Start())
	defer func() { other.Process.Kill(); other.Wait() }()
	rt := &libcontainer.Runtime{Root: h.Root}
	id := h.ID()
	created := make(chan error, 1)
	go func() {
		_, err := rt.Create(libcontainer.CreateOptions{ID: id, Bundle: b, Spec: s})
		created <- err
	}()
	h.Eventually("the hook runs", func() bool { _, err := os.Stat(up); return err == nil && len(hanging(h)) == 3 })
	c, err := rt.Load(id)
	h.Must(err)
	defer c.Close()
	refusal := "cannot delete container " + id + " in the creating state: process " + itoa(os.Getpid()) + " creates it"
	if err := c.Delete(true); err == nil || !strings.Contains(err.Error(), refusal) {
		t.Errorf("its own delete: %v", err)
	}
	h.Fails(h.Creel("delete", "--force", id), refusal)
	stat, err := procstat.Read(other.Process.Pid)
	if h.Must(err); stat.Ended() || len(hanging(h)) != 3 {
		t.Errorf("ended: the hook, of which %v are left, or another child: %+v", hanging(h), stat)
	}
	endHanging(h)
	if err := <-created; err == nil || !strings.Contains(err.Error(), "hooks.createRuntime[0]") {
		t.Errorf("create: %v", err)
	}
	gone(h, id)
}
