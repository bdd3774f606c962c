package badinput

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const full = "no space left on device"

// small mounts a tmpfs with these options on a directory, until the function that it returns is called.
func small(h *harness.H, dir, options string) (unmount func()) {
	h.Helper()
	h.Must(os.MkdirAll(dir, 0o755))
	h.Must(syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755,"+options))
	mounted := true
	unmount = func() {
		if mounted {
			if dir == h.Root {
				h.DeleteAll()
			}
			mounted = false
			h.Must(syscall.Unmount(dir, syscall.MNT_DETACH))
		}
	}
	h.Cleanup(unmount)
	return unmount
}

// remount gives a tmpfs other limits, or makes it read-only.
func remount(h *harness.H, dir string, flags uintptr, options string) {
	h.Helper()
	h.Must(syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, options))
}

// fill takes the room that is left of a small tmpfs: its bytes, then its inodes.
func fill(h *harness.H, dir string) {
	h.Helper()
	f, err := os.Create(dir + "/.fill")
	h.Must(err)
	for chunk := make([]byte, 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	f.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		h.Fatal(err)
	}
	for i := 0; err == nil || i == 0; i++ {
		err = os.WriteFile(fmt.Sprintf("%s/.fill%d", dir, i), nil, 0o600)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		h.Fatal(err)
	}
}

// stateful is a config of which something of each kind is kept: record, config, filter.
func stateful(s *S) {
	s.Annotations = map[string]string{"large": strings.Repeat("a", 9000)}
	s.Process.Env = append(s.Process.Env, "LARGE="+strings.Repeat("e", 9000))
	s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow}
	for i := range uint64(400) {
		s.Linux.Seccomp.Syscalls = append(s.Linux.Seccomp.Syscalls, specs.LinuxSyscall{
			Names: []string{"mkdir"}, Action: specs.ActErrno, Args: []specs.LinuxSeccompArg{{Index: 1, Value: 7000 + i, Op: specs.OpEqualTo}},
		})
	}
}

// What is short is raised one by one, so that each step fails once for want of it.
func TestAFullStateDirectoryFailsEachStepByNameAndLeavesNothing(t *testing.T) {
	for limit, steps := range map[string][]string{
		"nr_blocks=1000,nr_inodes=%d": {"state directory", "record of", "start socket", "filter of", "config.json of"},
		"nr_blocks=%d,nr_inodes=1000": {"record of", "filter of", "config.json of"},
	} {
		for _, command := range []string{"create", "run"} {
			t.Run(command+" "+limit, func(t *testing.T) {
				h := harness.New(t)
				h.Root = h.Path("small")
				b := h.Bundle(stateful, harness.Sleep)
				seen := map[string]bool{}
				for n := 1; ; n++ {
					unmount := small(h, h.Root, fmt.Sprintf(limit, n))
					id := h.ID()
					args := []string{command, "--bundle", b, id}
					if command == "run" {
						args = slices.Insert(args, 1, "--detach")
					}
					r := h.Creel(args...)
					if r.Status != 0 {
						h.Fails(r, full)
						i := slices.IndexFunc(steps, func(s string) bool { return strings.Contains(r.LastLine(), s) })
						if i < 0 {
							t.Errorf("none of the steps %q: %s", steps, r)
						} else {
							seen[steps[i]] = true
						}
						if left := h.Containers(); len(left) > 0 {
							t.Errorf("left %v after %s", left, r)
						}
						remount(h, h.Root, 0, "nr_blocks=1000,nr_inodes=1000")
						h.Ok(h.Creel(args...))
					}
					h.Ok(h.Creel("delete", "--force", id))
					unmount()
					if r.Status == 0 {
						break
					}
				}
				for _, s := range steps {
					if !seen[s] && (s != "start socket" || command == "create") {
						t.Errorf("there was always room for the %s: %v", s, seen)
					}
				}
			})
		}
	}
}

// What exists is looked after on a full disk as on any other.
func TestAContainerOnAFullDiskIsSeenUsedAndDeleted(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	unmount := small(h, h.Root, "size=1m,nr_inodes=1000")
	hook := h.Script("hook", "cat > "+h.Path("ran"))
	b := h.Bundle(stateful, harness.Sleep, func(s *S) { s.Hooks = &specs.Hooks{Poststop: []specs.Hook{{Path: hook, Env: []string{"PATH=/bin"}}}} })
	c, waiting := h.Started(b), h.Create(b)
	fill(h, h.Root)
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("list"))
	h.Ok(h.Creel("exec", c.ID, "true"))
	h.Ok(h.Creel("ps", c.ID))
	h.Ok(h.Creel("pause", c.ID))
	h.Ok(h.Creel("resume", c.ID))
	h.Ok(h.Creel("events", "--stats", c.ID))
	h.Ok(h.Creel("update", "--cpuset-cpus=", c.ID))
	h.Ok(h.Creel("start", waiting.ID))
	h.Fails(h.Creel("create", "--bundle", b, h.ID()), full)
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	for _, args := range [][]string{{"delete", c.ID}, {"delete", "--force", waiting.ID}} {
		h.Ok(h.Creel(args...))
		if text, err := os.ReadFile(h.Path("ran")); err != nil || !strings.Contains(string(text), args[len(args)-1]) {
			t.Errorf("the poststop hook of %s did not run: %s, %v", args[len(args)-1], text, err)
		}
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	unmount()
}

func TestAPostStartHookRunsOnAFullDiskToo(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	unmount := small(h, h.Root, "size=1m,nr_inodes=1000")
	hook := h.Script("hook", "cat > "+h.Path("ran"))
	c := h.Create(h.Bundle(harness.Sleep, func(s *S) { s.Hooks = &specs.Hooks{Poststart: []specs.Hook{{Path: hook, Env: []string{"PATH=/bin"}}}} }))
	fill(h, h.Root)
	r := h.Ok(h.Creel("start", c.ID))
	if _, err := os.Stat(h.Path("ran")); err != nil || !strings.Contains(r.Stderr, full) {
		t.Errorf("%v: %s", err, r)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	unmount()
}

func TestAMountThatCannotBeRecordedIsNotMade(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	unmount := small(h, h.Root, "size=1m,nr_inodes=1000")
	c := h.Started(h.Bundle(harness.Sleep, harness.Root(h.OwnRoot())))
	fill(h, h.Root)
	h.Fails(h.Creel("mount", "add", c.ID, "type=tmpfs,destination=/tmp"), "record of "+c.ID, full)
	if got := h.Creel("exec", c.ID, "grep", "-c", " /tmp ", "/proc/mounts"); got.Stdout != "0\n" {
		t.Errorf("a mount that nobody remembers: %s", got)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	unmount()
}

func TestAPidFileOrALogOnAFullDiskIsNamed(t *testing.T) {
	h := harness.New(t)
	dir := h.Path("small")
	small(h, dir, "size=1m,nr_inodes=1000")
	h.WriteFile(dir+"/log", "", 0o644)
	fill(h, dir)
	c := h.Started(h.Bundle(harness.Sleep))
	for _, args := range [][]string{
		{"create", "--pid-file", dir + "/pid", "--bundle", h.Bundle(), h.ID()},
		{"run", "--pid-file", dir + "/pid", "--bundle", h.Bundle(), h.ID()},
	} {
		h.Fails(h.Creel(args...), "pid file", dir, full)
	}
	if r := h.Creel("exec", "--pid-file", dir+"/pid", c.ID, "true"); r.Status != 255 || !strings.Contains(r.LastLine(), "pid file") || !strings.Contains(r.LastLine(), full) {
		t.Error(r)
	}
	h.Fails(h.Creel("--log", dir+"/other", "list"), "--log", dir+"/other", full)
	// a log that was there loses lines, and no command is lost for that
	h.Fails(h.Creel("--log", dir+"/log", "state", "nobody"), "container does not exist")
	h.Ok(h.Creel("--log", dir+"/log", "--debug", "run", "--bundle", h.Bundle(), h.ID()))
	if left := h.Containers(); len(left) != 1 {
		t.Errorf("left %v", left)
	}
	if _, err := os.Stat(dir + "/.pid"); err == nil {
		t.Error("a temporary pid file is left")
	}
	h.Must(os.Remove(dir + "/.fill"))
	h.Must(os.Remove(dir + "/.fill0"))
	h.Ok(h.Creel("exec", "--pid-file", dir+"/pid", c.ID, "true"))
}

func TestARootFilesystemThatIsFullIsNamedByTheMountThatHasNoPlace(t *testing.T) {
	h := harness.New(t)
	dir := h.Path("small")
	small(h, dir, "size=4m,nr_inodes=1000")
	h.Must(harness.MakeRootfs(dir))
	fill(h, dir)
	h.Fails(h.Run(h.Bundle(harness.Root(dir), harness.Bind("/tmp", "/missing/place"))), "mounts[7]", "/missing/place", full)
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
