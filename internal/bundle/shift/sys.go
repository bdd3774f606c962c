package shift

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These calls are made for each of many files by threads that do nothing else: without an allocation for the name, which
// lies in the buffer that getdents64(2) filled, and without a word to Go's scheduler.

// A name ends with a zero byte. It is one in the thread's working directory.
type name *byte

var dot = name(&[]byte(".\x00")[0])

func text(n name) string { return unix.BytePtrToString(n) }

// lstat is lstat(2).
func lstat(n name, st *unix.Stat_t) error {
	return errno(unix.RawSyscall6(unix.SYS_NEWFSTATAT, atCWD, uintptr(unsafe.Pointer(n)), uintptr(unsafe.Pointer(st)), unix.AT_SYMLINK_NOFOLLOW, 0, 0))
}

// lchown is lchown(2).
func lchown(n name, uid, gid uint32) error {
	return errno(unix.RawSyscall6(unix.SYS_FCHOWNAT, atCWD, uintptr(unsafe.Pointer(n)), uintptr(uid), uintptr(gid), unix.AT_SYMLINK_NOFOLLOW, 0))
}

// hasXattrs asks llistxattr(2) for the size of the list only, which spares the kernel a buffer.
func hasXattrs(n name) (bool, error) {
	size, _, e := unix.RawSyscall(unix.SYS_LLISTXATTR, uintptr(unsafe.Pointer(n)), 0, 0)
	if e == unix.EOPNOTSUPP {
		return false, nil
	}
	return size > 0, errno(0, 0, e)
}

func errno(_, _ uintptr, e unix.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

// AT_FDCWD, as a register has it.
const atCWD = ^uintptr(99)

// An entry of a directory.
type entry struct {
	ino  uint64
	kind byte // DT_*
	name name
}

// next takes the first entry from what getdents64(2) wrote, struct linux_dirent64, and skips . and ...
func next(buf []byte) (e entry, rest []byte, ok bool) {
	const header = 19
	for len(buf) > header {
		size := int(binary.NativeEndian.Uint16(buf[16:]))
		if size <= header || size > len(buf) {
			return entry{}, nil, false
		}
		e, buf = entry{binary.NativeEndian.Uint64(buf), buf[18], &buf[header]}, buf[size:]
		n := unsafe.Slice((*byte)(e.name), 3)
		if n[0] == '.' && (n[1] == 0 || n[1] == '.' && n[2] == 0) {
			continue
		}
		return e, buf, true
	}
	return entry{}, nil, false
}
