// Package cgtest lends tests real cgroups, and takes them back.
package cgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

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

var count atomic.Int64

// Name returns a cgroup name that nobody else uses.
func Name() string {
	return "creel-test-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(count.Add(1), 10)
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

// KeepControllers puts cgroup.subtree_control of the cgroup2 root back when the test ends. Until then no other test binary that
// calls it goes on, since it would see controllers come and go.
func KeepControllers(t testing.TB) {
	t.Helper()
	mount := UnifiedMount(t)
	dir, err := os.Open(mount)
	if err == nil {
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		t.Fatalf("lock %s: %v", mount, err)
	}
	control := filepath.Join(mount, "cgroup.subtree_control")
	before, err := os.ReadFile(control)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer dir.Close()
		now, _ := os.ReadFile(control)
		for _, name := range strings.Fields(string(now)) {
			if !slices.Contains(strings.Fields(string(before)), name) {
				os.WriteFile(control, []byte("-"+name), 0)
			}
		}
	})
}

// RemoveAfter removes a cgroup directory, what is below it, and their processes when the test ends.
func RemoveAfter(t testing.TB, dir string) {
	t.Cleanup(func() {
		for range 200 {
			if err := remove(dir); err == nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Errorf("cgroup %s is left behind: %v", dir, remove(dir))
	})
}

func remove(dir string) error {
	kill(dir)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return os.Remove(dir)
}

func kill(dir string) {
	for _, freezer := range []string{"cgroup.freeze", "freezer.state"} {
		thawed := map[string]string{"cgroup.freeze": "0", "freezer.state": "THAWED"}[freezer]
		if f, err := os.OpenFile(filepath.Join(dir, freezer), os.O_WRONLY, 0); err == nil {
			f.WriteString(thawed)
			f.Close()
		}
	}
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for _, word := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}

// Sleeper starts a process that sleeps until the test ends. If cgroup is not negative, it is born in that cgroup.
func Sleeper(t testing.TB, cgroup int) *exec.Cmd {
	t.Helper()
	return Start(t, cgroup, "sleep", "1000")
}

// Start starts a command and kills it when the test ends. If cgroup is not negative, it is born in that cgroup.
func Start(t testing.TB, cgroup int, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: cgroup >= 0, CgroupFD: max(cgroup, 0), Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		go cmd.Wait() // a frozen one ends when its cgroup is removed
	})
	return cmd
}
