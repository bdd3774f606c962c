package cgtest

import (
	"os/exec"
	"syscall"
	"testing"
)

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
