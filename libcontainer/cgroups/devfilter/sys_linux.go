package devfilter

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// programName marks creel's own filters among the programs of a cgroup (bpftool cgroup list shows it).
const programName = "creel_device"

// License and name as C strings: bpf(2) copies them.
var noLicense = [1]byte{}

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

// load returns an fd of the program.
func load(p []insn) (int, error) {
	attr := loadAttr{
		progType:  unix.BPF_PROG_TYPE_CGROUP_DEVICE,
		insnCount: uint32(len(p)),
		insns:     unsafe.Pointer(&p[0]),
		license:   unsafe.Pointer(&noLicense),
	}
	copy(attr.name[:], programName)
	fd, err := bpf(unix.BPF_PROG_LOAD, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if err == unix.EPERM {
		fd, err = loadUnlocked(&attr)
	}
	if err != nil {
		return -1, fmt.Errorf("bpf(BPF_PROG_LOAD) of %d instructions: %w", len(p), err)
	}
	return fd, nil
}

// loadUnlocked tries again with the highest limit on locked memory, to which kernels before 5.11 charge programs.
func loadUnlocked(attr *loadAttr) (int, error) {
	var old unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, nil, &old); err != nil || old.Cur == unix.RLIM_INFINITY {
		return -1, unix.EPERM
	}
	if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}, nil); err != nil {
		if err := unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: old.Max, Max: old.Max}, nil); err != nil {
			return -1, unix.EPERM
		}
	}
	// Children inherit limits: the container must not see that this one was changed.
	defer unix.Prlimit(0, unix.RLIMIT_MEMLOCK, &old, nil)
	return bpf(unix.BPF_PROG_LOAD, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

// attach adds a program to those of the cgroup, or puts it in the place of the program replace, if that is not
// negative (BPF_F_REPLACE, Linux 5.6).
func attach(cgroup, prog, replace int) error {
	attr := attachAttr{
		targetFD:   uint32(cgroup),
		progFD:     uint32(prog),
		attachType: unix.BPF_CGROUP_DEVICE,
		flags:      unix.BPF_F_ALLOW_MULTI,
	}
	if replace >= 0 {
		attr.flags |= unix.BPF_F_REPLACE
		attr.replaceFD = uint32(replace)
	}
	if _, err := bpf(unix.BPF_PROG_ATTACH, unsafe.Pointer(&attr), unsafe.Sizeof(attr)); err != nil {
		return fmt.Errorf("bpf(BPF_PROG_ATTACH): %w", err)
	}
	return nil
}

func detach(cgroup, prog int) error {
	attr := attachAttr{targetFD: uint32(cgroup), progFD: uint32(prog), attachType: unix.BPF_CGROUP_DEVICE}
	if _, err := bpf(unix.BPF_PROG_DETACH, unsafe.Pointer(&attr), unsafe.Sizeof(attr)); err != nil && err != unix.ENOENT {
		return fmt.Errorf("bpf(BPF_PROG_DETACH): %w", err)
	}
	return nil
}

// attached returns the ids of the programs of the cgroup itself, in the order in which they run. The kernel takes at
// most 64.
func attached(cgroup int) ([]uint32, error) {
	var ids [64]uint32
	attr := queryAttr{
		targetFD:   uint32(cgroup),
		attachType: unix.BPF_CGROUP_DEVICE,
		ids:        unsafe.Pointer(&ids),
		count:      uint32(len(ids)),
	}
	if _, err := bpf(unix.BPF_PROG_QUERY, unsafe.Pointer(&attr), unsafe.Sizeof(attr)); err != nil {
		return nil, fmt.Errorf("bpf(BPF_PROG_QUERY): %w", err)
	}
	return ids[:attr.count:attr.count], nil
}

func openProgram(id uint32) (int, error) {
	attr := byIDAttr{id: id}
	return bpf(unix.BPF_PROG_GET_FD_BY_ID, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
}

func nameOf(prog int) (string, error) {
	var info progInfo
	attr := infoAttr{fd: uint32(prog), infoLen: uint32(unsafe.Sizeof(info)), info: unsafe.Pointer(&info)}
	if _, err := bpf(unix.BPF_OBJ_GET_INFO_BY_FD, unsafe.Pointer(&attr), unsafe.Sizeof(attr)); err != nil {
		return "", fmt.Errorf("bpf(BPF_OBJ_GET_INFO_BY_FD): %w", err)
	}
	return unix.ByteSliceToString(info.name[:]), nil
}
