package leakcheck

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A recorder stands in for a test that is being checked.
type recorder struct {
	failures []string
	cleanups []func()
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...) }
func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }

// end runs the cleanups as the testing package does: the last one first. It may be asked again.
func (r *recorder) end() string {
	r.failures = nil
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return strings.Join(r.failures, "\n")
}

// cgroupRoot is a directory in which cgroups can be made.
func cgroupRoot(t *testing.T) string {
	t.Helper()
	mounts, err := readMounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mounts {
		if m.fstype == "cgroup2" {
			return m.point
		}
	}
	t.Fatal("no cgroup2 is mounted")
	return ""
}

// orphan runs a command that is nobody's child until the test ends: in a session of its own, behind a shell that has ended.
func orphan(t *testing.T, command string) {
	t.Helper()
	pid, err := exec.Command("sh", "-c", "setsid "+command+" </dev/null >/dev/null 2>&1 & echo $!").Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	leader, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-leader, syscall.SIGKILL) })
}

// start runs a program that stays until the test ends.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
}

func TestEveryKindOfLeakIsNamed(t *testing.T) {
	states, programs := t.TempDir(), t.TempDir()
	tests := []struct {
		name string
		leak func(t *testing.T) // undone by t.Cleanup
		want string
	}{
		{"cgroup", func(t *testing.T) {
			dir := filepath.Join(cgroupRoot(t), "creel-leakcheck")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Remove(dir) })
		}, "creel-leakcheck"},
		{"mount", func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { syscall.Unmount(dir, 0) })
		}, "mount tmpfs on "},
		{"child", func(t *testing.T) { start(t, "sleep", "60") }, "a child of the test"},
		{"orphan named after creel", func(t *testing.T) {
			orphan(t, "sh -c 'ln -s $(command -v sleep) "+programs+"/creel-init && exec "+programs+"/creel-init 1000'")
		}, "named after creel"},
		{"orphan in a pid namespace", func(t *testing.T) {
			orphan(t, "unshare --fork --pid --kill-child sleep 1000")
		}, "in the new namespace pid:"},
		{"network namespace", func(t *testing.T) {
			orphan(t, "unshare --net sleep 1000")
		}, "in the new namespace net:"},
		{"open file", func(t *testing.T) {
			f, err := os.Open("/dev/zero")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
		}, "→ /dev/zero"},
		{"state directory", func(t *testing.T) {
			dir := filepath.Join(states, "container")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Remove(dir) })
		}, "state " + states + "/container"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			Check(t, states) // this test is held to the rule as well
			var r recorder
			check(&r, 0, []string{states})
			tt.leak(t)
			got := r.end()
			for end := time.Now().Add(20 * time.Second); !strings.Contains(got, tt.want) && time.Now().Before(end); got = r.end() {
				time.Sleep(5 * time.Millisecond) // until what was started has done what makes it a leak
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("reported %q, want it to contain %q", got, tt.want)
			}
		})
	}
}

func TestWhatGoesAwayInTimeIsNoLeak(t *testing.T) {
	dir := t.TempDir()
	var r recorder
	check(&r, patience, []string{dir})
	path := filepath.Join(dir, "container")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	gone := time.AfterFunc(200*time.Millisecond, func() { os.Remove(path) })
	defer gone.Stop()
	if got := r.end(); got != "" {
		t.Errorf("reported %q", got)
	}
}

func TestCachesOfAStateDirectoryAreNoLeak(t *testing.T) {
	dir := t.TempDir()
	var r recorder
	check(&r, 0, []string{dir})
	for _, name := range []string{".cache", "@cache"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.end(); got != "" {
		t.Errorf("reported %q", got)
	}
}

func TestTheHostsOwnCgroupsAreNotWatchedUnlessNamedAfterCreel(t *testing.T) {
	for path, want := range map[string]bool{
		"/sys/fs/cgroup/system.slice/cron.service":       true,
		"/sys/fs/cgroup/system.slice/creel-web.scope":    false,
		"/sys/fs/cgroup/memory/process_api/0123":         true,
		"/sys/fs/cgroup/memory/web":                      false,
		"/sys/fs/cgroup/user.slice/user-0.slice/a.scope": true,
	} {
		if got := hostsOwn(path); got != want {
			t.Errorf("hostsOwn(%s) = %v", path, got)
		}
	}
}

func TestCgroupsOfOtherWorldsOfTestsAreNoLeaks(t *testing.T) {
	t.Setenv("CREEL_TEST_PRIVATE", "/tmp/creel-test-1")
	for path, want := range map[string]bool{
		"/sys/fs/cgroup/creel-test-1-3": false, "/sys/fs/cgroup/pids/creel-test-1-3-cgroup/child": false, "/sys/fs/cgroup/mine": false,
		"/sys/fs/cgroup/creel-test-2-3": true, "/sys/fs/cgroup/pids/creel-test-77-1": true,
	} {
		if anothers(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
	t.Setenv("CREEL_TEST_PRIVATE", "")
	if anothers("/sys/fs/cgroup/creel-test-2-3") {
		t.Error("without a world, what is new is taken for ours")
	}
}
