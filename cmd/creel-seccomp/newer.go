package main

import (
	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"
)

// numbered is a system call by the name that profiles use.
type numbered struct {
	name string
	nr   seccomp.ScmpSyscall
}

// newerCalls are the calls since Linux 5.10, which the libseccomp at hand may
// not know yet; up to 2.5.0 it knows none of them. New calls have the same
// number on all architectures (but for an offset on MIPS), so that one list
// serves; newerNative are the exceptions.
var newerCalls = [...]numbered{
	{"process_madvise", unix.SYS_PROCESS_MADVISE},
	{"epoll_pwait2", unix.SYS_EPOLL_PWAIT2},
	{"mount_setattr", unix.SYS_MOUNT_SETATTR},
	{"quotactl_fd", unix.SYS_QUOTACTL_FD},
	{"landlock_create_ruleset", unix.SYS_LANDLOCK_CREATE_RULESET},
	{"landlock_add_rule", unix.SYS_LANDLOCK_ADD_RULE},
	{"landlock_restrict_self", unix.SYS_LANDLOCK_RESTRICT_SELF},
	{"process_mrelease", unix.SYS_PROCESS_MRELEASE},
	{"futex_waitv", unix.SYS_FUTEX_WAITV},
	{"set_mempolicy_home_node", unix.SYS_SET_MEMPOLICY_HOME_NODE},
	{"cachestat", unix.SYS_CACHESTAT},
	{"fchmodat2", unix.SYS_FCHMODAT2},
	{"map_shadow_stack", unix.SYS_MAP_SHADOW_STACK},
	{"futex_wake", unix.SYS_FUTEX_WAKE},
	{"futex_wait", unix.SYS_FUTEX_WAIT},
	{"futex_requeue", unix.SYS_FUTEX_REQUEUE},
	{"statmount", unix.SYS_STATMOUNT},
	{"listmount", unix.SYS_LISTMOUNT},
	{"lsm_get_self_attr", unix.SYS_LSM_GET_SELF_ATTR},
	{"lsm_set_self_attr", unix.SYS_LSM_SET_SELF_ATTR},
	{"lsm_list_modules", unix.SYS_LSM_LIST_MODULES},
	{"mseal", unix.SYS_MSEAL},
	{"setxattrat", unix.SYS_SETXATTRAT},
	{"getxattrat", unix.SYS_GETXATTRAT},
	{"listxattrat", unix.SYS_LISTXATTRAT},
	{"removexattrat", unix.SYS_REMOVEXATTRAT},
	{"open_tree_attr", unix.SYS_OPEN_TREE_ATTR},
	{"file_getattr", unix.SYS_FILE_GETATTR},
	{"file_setattr", unix.SYS_FILE_SETATTR},
	{"listns", unix.SYS_LISTNS},
	{"rseq_slice_yield", unix.SYS_RSEQ_SLICE_YIELD},
}

// newerCall finds a call that libseccomp does not know on this architecture.
func newerCall(name string) (seccomp.ScmpSyscall, bool) {
	for _, list := range [...][]numbered{newerCalls[:], newerNative[:]} {
		for _, c := range list {
			if c.name == name {
				return c.nr, true
			}
		}
	}
	return -1, false
}
