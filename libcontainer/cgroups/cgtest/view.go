package cgtest

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inView is set in the environment of a test binary that runs in a private cgroup v2 view.
const inView = "CREEL_TEST_CGROUP2_VIEW"

// MainInV2View runs a package's tests where /sys/fs/cgroup is a cgroup2 filesystem: on the spot if it is, else
// in a mount namespace of their own with cgroup2 mounted over it. It returns the exit status for TestMain.
func MainInV2View(m *testing.M) int {
	var fs unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &fs); err == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC {
		return m.Run()
	}
	if os.Getenv(inView) != "" {
		if err := mountView(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inView+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "in a private cgroup v2 view:", err)
		return 1
	}
	return 0
}

// mountView relies on Go, which makes all mounts private after Unshareflags CLONE_NEWNS.
func mountView() error {
	if err := unix.Unmount("/sys/fs/cgroup", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount /sys/fs/cgroup: %w", err)
	}
	if err := unix.Mount("none", "/sys/fs/cgroup", "cgroup2", 0, ""); err != nil {
		return fmt.Errorf("mount cgroup2 on /sys/fs/cgroup: %w", err)
	}
	return nil
}

// UnifiedMount returns where cgroup2 is mounted on this machine.
func UnifiedMount(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var fs unix.Statfs_t
		if err := unix.Statfs(dir, &fs); err == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC {
			return dir
		}
	}
	t.Fatal("cgroup2 is mounted neither on /sys/fs/cgroup nor on /sys/fs/cgroup/unified")
	return ""
}
