package seccomp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// seccomp is seccomp(2).
func seccomp(op, flags uint32, args unsafe.Pointer) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, uintptr(op), uintptr(flags), uintptr(args))
	return errno
}

// actionAvailable asks the kernel for SECCOMP_GET_ACTION_AVAIL (Linux 4.14).
func actionAvailable(action uint32) bool {
	return seccomp(unix.SECCOMP_GET_ACTION_AVAIL, 0, unsafe.Pointer(&action)) == 0
}
