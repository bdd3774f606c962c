package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// MakeRootfs makes a root filesystem of busybox and links for its applets in dir.
func MakeRootfs(dir string) error {
	for _, d := range []string{"bin", "dev", "etc", "proc", "root", "sys", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	path, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bin/busybox"), program, 0o755); err != nil {
		return err
	}
	list, err := exec.Command(path, "--list").Output()
	if err != nil {
		return fmt.Errorf("%s --list: %w", path, err)
	}
	for _, applet := range strings.Fields(string(list)) {
		if applet == "busybox" {
			continue
		}
		if err := os.Symlink("busybox", filepath.Join(dir, "bin", applet)); err != nil {
			return err
		}
	}
	passwd := "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n"
	return os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte(passwd), 0o644)
}

// OwnRoot makes a root filesystem that belongs to this test alone, and returns
// its path.
func (h *H) OwnRoot() string {
	h.Helper()
	dir := h.Path("rootfs")
	h.Must(MakeRootfs(dir))
	return dir
}

// Chown gives a whole tree to other ids.
func (h *H) Chown(dir string, uid, gid int) {
	h.Helper()
	h.Must(filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, gid)
	}))
}

// WriteFile makes a file, with the directories above it.
func (h *H) WriteFile(path, content string, mode os.FileMode) {
	h.Helper()
	h.Must(os.MkdirAll(filepath.Dir(path), 0o755))
	h.Must(os.WriteFile(path, []byte(content), mode))
	h.Must(os.Chmod(path, mode))
}

// Script makes an executable shell script on the host and returns its path.
func (h *H) Script(name, body string) string {
	h.Helper()
	path := h.Path(name)
	h.WriteFile(path, "#!/bin/sh\n"+body+"\n", 0o755)
	return path
}
