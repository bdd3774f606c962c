package rootfs

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/tests/harness"
)

func TestWhatIsMountedInATreeIsNotRemovedWithIt(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("mine/file"), "mine", 0o644)
	h.Must(os.MkdirAll(h.Path("tree/deeper/mount"), 0o755))
	h.Must(syscall.Mount(h.Path("mine"), h.Path("tree/deeper/mount"), "", syscall.MS_BIND, ""))
	h.Cleanup(func() { h.Must(os.RemoveAll(h.Path("tree"))) })
	h.Cleanup(func() { h.Must(syscall.Unmount(h.Path("tree/deeper/mount"), syscall.MNT_DETACH)) })
	if err := rootfs.Remove(h.Path("tree")); !errors.Is(err, syscall.EXDEV) {
		t.Errorf("the error is %v", err)
	}
	if text, err := os.ReadFile(h.Path("mine/file")); err != nil || string(text) != "mine" {
		t.Errorf("the host's file: %q, %v", text, err)
	}
}
