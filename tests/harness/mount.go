package harness

import (
	"path/filepath"
	"syscall"
)

// MountTmpfs mounts a tmpfs on a directory of the host, until the test ends.
func (h *H) MountTmpfs(dir string) {
	h.Helper()
	h.Must(syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"))
	h.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			h.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// MountBind binds a directory of the host to another, until the test ends.
func (h *H) MountBind(source, dir string) {
	h.Helper()
	h.Must(syscall.Mount(source, dir, "", syscall.MS_BIND, ""))
	h.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			h.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// OwnRootAt is OwnRoot in a directory of this name below the test's own.
func (h *H) OwnRootAt(name string) string {
	h.Helper()
	dir := filepath.Join(h.dir, "root-"+name)
	h.Must(MakeRootfs(dir))
	return dir
}
