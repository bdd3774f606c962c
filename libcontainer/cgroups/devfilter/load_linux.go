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
