package badinput

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const readonly = "read-only file system"

func TestAReadOnlyStateDirectoryMakesNoContainer(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	unmount := small(h, h.Root, "size=1m")
	remount(h, h.Root, syscall.MS_RDONLY, "")
	b := h.Bundle()
	for _, command := range []string{"create", "run"} {
		h.Fails(h.Creel(command, "--bundle", b, h.ID()), "state directory "+h.Root, readonly)
		h.Fails(h.Creel("--root", h.Root+"/below", command, "--bundle", b, h.ID()), "state directory", h.Root+"/below", readonly)
	}
	h.Ok(h.Creel("list"))
	h.Fails(h.Creel("state", "nobody"), "container does not exist")
	h.Fails(h.Creel("delete", "nobody"), "container does not exist")
	h.Ok(h.Creel("delete", "--force", "nobody"))
	unmount()
}

// Whatever is refused, the container is as before, and deleted when that is possible again.
func TestAContainerOnAReadOnlyDiskIsSeenAndUsedAndNotHalfDeleted(t *testing.T) {
	h := harness.New(t)
	h.Root = h.Path("small")
	unmount := small(h, h.Root, "size=1m")
	hook := h.Script("hook", "echo ran >> "+h.Path("ran"))
	c := h.Started(h.Bundle(harness.Sleep, func(s *S) { s.Hooks = &specs.Hooks{Poststop: []specs.Hook{{Path: hook}}} }))
	waiting, stopped := h.Create(h.Bundle(harness.Sleep)), h.Started(h.Bundle())
	h.WaitFor(stopped.ID, "stopped")
	remount(h, h.Root, syscall.MS_RDONLY, "")
	if r := h.Ok(h.Creel("list")); !strings.Contains(r.Stdout, c.ID) || !strings.Contains(r.Stdout, waiting.ID) {
		t.Error(r)
	}
	h.Ok(h.Creel("exec", c.ID, "true"))
	h.Ok(h.Creel("pause", c.ID))
	h.Ok(h.Creel("resume", c.ID))
	h.Ok(h.Creel("start", waiting.ID))
	for id, status := range map[string]string{c.ID: "running", waiting.ID: "running", stopped.ID: "stopped"} {
		h.Fails(h.Creel("delete", "--force", id), "delete "+id, "state directory of "+id, readonly)
		if s := h.State(id); s.Status != status {
			t.Errorf("after a delete that was refused: %+v", s)
		}
	}
	h.Fails(h.Creel("delete", stopped.ID), "state directory of "+stopped.ID, readonly)
	h.Fails(h.Creel("mount", "add", c.ID, "type=tmpfs,destination=/tmp"), "record of "+c.ID, readonly)
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	if _, err := os.Stat(h.Path("ran")); err == nil {
		t.Error("a hook of the end has run")
	}
	remount(h, h.Root, 0, "")
	for _, id := range []string{c.ID, stopped.ID} {
		h.Ok(h.Creel("delete", id))
	}
	h.Ok(h.Creel("delete", "--force", waiting.ID))
	if text := h.Host("cat " + h.Path("ran")); text != "ran\n" {
		t.Errorf("the hook ran: %q", text)
	}
	unmount()
}

func TestAPidFileOnAReadOnlyDiskIsNamed(t *testing.T) {
	h := harness.New(t)
	dir := h.Path("small")
	small(h, dir, "size=1m")
	remount(h, dir, syscall.MS_RDONLY, "")
	h.Fails(h.Creel("create", "--pid-file", dir+"/pid", "--bundle", h.Bundle(), h.ID()), "pid file", dir, readonly)
	h.Fails(h.Creel("--log", dir+"/log", "list"), "--log", dir+"/log", readonly)
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
