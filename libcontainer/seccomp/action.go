package seccomp

import (
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// maxErrno is the largest error number that a filter can return. The kernel
// takes one more (MAX_ERRNO), libseccomp does not.
const maxErrno = 4094

// action turns the specification's word and its errnoRet into what a filter
// returns (seccomp(2)). ERRNO and TRACE take an error number, EPERM unless the
// profile says otherwise; elsewhere the specification demands an error.
func action(word specs.LinuxSeccompAction, errnoRet *uint) (uint32, error) {
	var act, limit uint32
	switch word {
	case specs.ActAllow:
		act = unix.SECCOMP_RET_ALLOW
	case specs.ActErrno:
		act, limit = unix.SECCOMP_RET_ERRNO, maxErrno
	case specs.ActTrace:
		act, limit = unix.SECCOMP_RET_TRACE, unix.SECCOMP_RET_DATA
	case specs.ActKill, specs.ActKillThread:
		act = unix.SECCOMP_RET_KILL_THREAD
	case specs.ActKillProcess:
		act = unix.SECCOMP_RET_KILL_PROCESS
	case specs.ActTrap:
		act = unix.SECCOMP_RET_TRAP
	case specs.ActLog:
		act = unix.SECCOMP_RET_LOG
	case specs.ActNotify:
		act = unix.SECCOMP_RET_USER_NOTIF
	default:
		return 0, &wordError{"action", string(word), "unknown action"}
	}
	if errnoRet == nil {
		if limit != 0 {
			act |= uint32(unix.EPERM)
		}
		return act, nil
	}
	if limit == 0 {
		return 0, &wordError{"errnoRet", strconv.FormatUint(uint64(*errnoRet), 10), string(word) + " takes no error number"}
	}
	if *errnoRet > uint(limit) {
		return 0, &wordError{"errnoRet", strconv.FormatUint(uint64(*errnoRet), 10),
			string(word) + " takes at most " + strconv.FormatUint(uint64(limit), 10)}
	}
	return act | uint32(*errnoRet), nil
}

// Word is the specification's word for what a filter returns, without its data.
func Word(ret uint32) specs.LinuxSeccompAction {
	switch ret & unix.SECCOMP_RET_ACTION_FULL {
	case unix.SECCOMP_RET_ALLOW:
		return specs.ActAllow
	case unix.SECCOMP_RET_ERRNO:
		return specs.ActErrno
	case unix.SECCOMP_RET_TRACE:
		return specs.ActTrace
	case unix.SECCOMP_RET_KILL_THREAD:
		return specs.ActKillThread
	case unix.SECCOMP_RET_TRAP:
		return specs.ActTrap
	case unix.SECCOMP_RET_LOG:
		return specs.ActLog
	case unix.SECCOMP_RET_USER_NOTIF:
		return specs.ActNotify
	}
	return specs.ActKillProcess // the kernel's reading of KILL_PROCESS and of every unknown value
}
