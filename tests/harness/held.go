package harness

import (
	"os/exec"
	"syscall"
)

// HeldUserNS starts a process in a user namespace in which root is user 100000 of
// the host, and in further new namespaces (CLONE_NEW*), for containers that join
// them by path. It returns the pid.
func (h *H) HeldUserNS(flags uintptr) int {
	h.Helper()
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100000, Size: 65536}}
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | flags, UidMappings: ids, GidMappings: ids, GidMappingsEnableSetgroups: true,
	}
	h.Must(cmd.Start())
	h.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}
