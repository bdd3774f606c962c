package devfilter

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

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
