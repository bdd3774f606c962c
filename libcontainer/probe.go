package libcontainer

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/compile"
	"golang.org/x/sys/unix"
)

// probes asks the kernel what the compiler wants to know. An answer of EPERM
// counts as absent, like ENOSYS: a seccomp filter around us may say so.
var probes = sync.OnceValue(func() compile.Probes {
	p := compile.Probes{SetAttr: haveMountSetattr(), LastCap: lastCap()}
	caps := ownCaps()
	p.Privileged = os.Geteuid() == 0 && caps&(1<<unix.CAP_SYS_ADMIN) != 0
	p.Nested = cgfs.InUserNamespace()
	p.Lacks = (1<<(p.LastCap+1) - 1) &^ caps
	return p
})

// haveMountSetattr asks for mount_setattr(2), from Linux 5.12: with a size of 0
// a kernel that has it answers EINVAL.
func haveMountSetattr() bool {
	_, _, e := unix.RawSyscall6(unix.SYS_MOUNT_SETATTR, ^uintptr(0), 0, 0, 0, 0, 0)
	return e == unix.EINVAL
}

// lastCap is the highest capability of the running kernel.
func lastCap() uint64 {
	const known = 40 // CAP_CHECKPOINT_RESTORE, from 5.9
	for c := uint64(known); c < 63; c++ {
		_, _, e := unix.RawSyscall6(unix.SYS_PRCTL, unix.PR_CAPBSET_READ, uintptr(c+1), 0, 0, 0, 0)
		if e != 0 {
			return c
		}
	}
	return known
}

// ownCaps are the capabilities that this process may use, as a mask.
func ownCaps() uint64 {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return 0
	}
	return uint64(data[0].Permitted) | uint64(data[1].Permitted)<<32
}

// haveAppArmor says whether AppArmor is in force, as its module parameter has it.
func haveAppArmor() bool {
	data, err := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	return err == nil && len(data) > 0 && data[0] == 'Y'
}

// haveSELinux says whether a policy is loaded: selinuxfs is mounted then.
func haveSELinux() bool {
	const magic = 0xf97cff8c
	var st unix.Statfs_t
	return unix.Statfs("/sys/fs/selinux", &st) == nil && uint32(st.Type) == magic
}

// knownLabel asks the policy about a label (selinuxfs, security_check_context(3)). Where
// asking is not allowed, whoever uses the label learns the answer.
func knownLabel(label string) error {
	fd, err := unix.Open("/sys/fs/selinux/context", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(label)); err == unix.EINVAL {
		return fmt.Errorf("the policy does not know this label: %w", err)
	}
	return nil
}

// pidInside is the number of process pid in the innermost pid namespace that it
// is in (NSpid, proc(5)).
func pidInside(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return pid
	}
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "NSpid:"); ok {
			f := strings.Fields(list)
			if n, err := strconv.Atoi(f[len(f)-1]); err == nil {
				return n
			}
		}
	}
	return pid
}
