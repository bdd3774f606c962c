package libcontainer

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// needed are calls that creel cannot do without, with arguments that the kernel refuses at once: by another
// error than that of a filter, if the caller has CAP_SYS_ADMIN where admin says so. What has something to take its
// place is left out: clone3, close_range, faccessat2, mount_setattr, and what single features need alone.
var needed = [...]struct {
	name  string
	nr    uintptr
	args  [5]uintptr
	admin bool
}{
	{"fsconfig", unix.SYS_FSCONFIG, [5]uintptr{bad}, false},
	{"fsmount", unix.SYS_FSMOUNT, [5]uintptr{bad, bad}, true},
	{"fsopen", unix.SYS_FSOPEN, [5]uintptr{0, bad}, true},
	{"memfd_create", unix.SYS_MEMFD_CREATE, [5]uintptr{0, bad}, false},
	{"mount", unix.SYS_MOUNT, [5]uintptr{}, false},
	{"move_mount", unix.SYS_MOVE_MOUNT, [5]uintptr{bad, 0, bad, 0, bad}, true},
	{"open_tree", unix.SYS_OPEN_TREE, [5]uintptr{bad, 0, bad}, false},
	{"openat2", unix.SYS_OPENAT2, [5]uintptr{bad}, false},
	{"pidfd_open", unix.SYS_PIDFD_OPEN, [5]uintptr{}, false},
	{"pidfd_send_signal", unix.SYS_PIDFD_SEND_SIGNAL, [5]uintptr{bad}, false},
	{"pivot_root", unix.SYS_PIVOT_ROOT, [5]uintptr{}, true},
	{"setns", unix.SYS_SETNS, [5]uintptr{bad}, false},
	{"statx", unix.SYS_STATX, [5]uintptr{bad, 0, bad, bad}, false},
	{"umount2", unix.SYS_UMOUNT2, [5]uintptr{0, bad}, false},
	{"unshare", unix.SYS_UNSHARE, [5]uintptr{}, false},
}

const bad = ^uintptr(0)

// namingRefused names in an error the system calls that a seccomp filter around creel refuses, as those of engines do
// with what is newer than they are: an operation that fails does not say which call it was. It is asked
// when all is undone: a filter may end who calls what it does not know.
func namingRefused(err error) error {
	if err == nil || !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOSYS) {
		return err
	}
	mode, _, e := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_GET_SECCOMP, 0, 0)
	if e != 0 || mode != unix.SECCOMP_MODE_FILTER {
		return err
	}
	admin := ownCaps()&(1<<unix.CAP_SYS_ADMIN) != 0
	var names []string
	for _, c := range needed {
		_, _, e := unix.RawSyscall6(c.nr, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], 0)
		if e == unix.ENOSYS || e == unix.EPERM && (admin || !c.admin) {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 {
		return err
	}
	return fmt.Errorf("a seccomp filter around creel refuses %s: %w", strings.Join(names, ", "), err)
}
