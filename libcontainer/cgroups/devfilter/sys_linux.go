package devfilter

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The argument structs are the beginnings of union bpf_attr in linux/bpf.h that each command reads; the kernel takes
// what is missing as zero.
type (
	loadAttr struct {
		progType, insnCount uint32
		insns               unsafe.Pointer
		license             unsafe.Pointer
		logLevel, logSize   uint32
		logBuf              unsafe.Pointer
		kernVersion, flags  uint32
		name                [16]byte
	}
	attachAttr struct {
		targetFD, progFD uint32
		attachType       uint32
		flags            uint32
		replaceFD        uint32
	}
	queryAttr struct {
		targetFD    uint32
		attachType  uint32
		queryFlags  uint32
		attachFlags uint32
		ids         unsafe.Pointer
		count       uint32
		_           uint32
	}
	byIDAttr struct {
		id, nextID, openFlags uint32
	}
	infoAttr struct {
		fd, infoLen uint32
		info        unsafe.Pointer
	}
	// progInfo is the beginning of struct bpf_prog_info.
	progInfo struct {
		progType, id             uint32
		tag                      [8]byte
		jitedLen, xlatedLen      uint32
		jited, xlated            uint64
		loadTime                 uint64
		createdByUID, mapIDCount uint32
		mapIDs                   uint64
		name                     [16]byte
	}
)

// Pointers fill 64 bits in union bpf_attr.
var _ [0]struct{} = [unsafe.Sizeof(uintptr(0)) - 8]struct{}{}

func bpf(cmd uintptr, attr unsafe.Pointer, size uintptr) (int, error) {
	for {
		r, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(attr), size)
		switch errno {
		case 0:
			return int(r), nil
		case unix.EINTR, unix.EAGAIN: // the verifier gives up with EAGAIN when a signal is pending (Linux 5.4)
		default:
			return -1, errno
		}
	}
}
