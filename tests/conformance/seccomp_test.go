package conformance

import (
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func seccomp(profile specs.LinuxSeccomp) harness.Mutate {
	return func(s *S) { s.Linux.Seccomp = &profile }
}

func TestSeccompRules(t *testing.T) {
	c := begin(t)
	got := c.Sh("mkdir /dev/shm/x 2>&1; chmod 777 /dev/shm 2>&1; grep ^Seccomp: /proc/self/status", seccomp(specs.LinuxSeccomp{
		DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{
			{Names: []string{"mkdir", "mkdirat"}, Action: specs.ActErrno, ErrnoRet: harness.Ptr(uint(28))},
			{Names: []string{"chmod", "fchmodat", "fchmodat2"}, Action: specs.ActErrno},
		}}))
	want := "mkdir: can't create directory '/dev/shm/x': No space left on device\nchmod: /dev/shm: Operation not permitted\nSeccomp:\t2"
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestSeccompDefaultAction(t *testing.T) {
	c := begin(t)
	got := c.Sh("mkdir /dev/shm/x 2>&1; true", seccomp(specs.LinuxSeccomp{
		DefaultAction: specs.ActErrno, DefaultErrnoRet: harness.Ptr(uint(28)), Syscalls: []specs.LinuxSyscall{
			{Names: shellCalls, Action: specs.ActAllow},
		}}))
	if want := "mkdir: can't create directory '/dev/shm/x': No space left on device"; got != want {
		t.Errorf("%q", got)
	}
}

// shellCalls are the system calls of a shell that starts programs, and of runtimes on
// their way to it; none makes a directory.
var shellCalls = []string{
	"access", "arch_prctl", "brk", "capget", "capset", "chdir", "clone", "clone3", "close", "close_range", "dup", "dup2", "dup3",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2", "execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2",
	"fchdir", "fcntl", "fork", "fstat", "fstatfs", "futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getgroups",
	"getpgrp", "getpid", "getppid", "getrandom", "getrlimit", "gettid", "getuid", "ioctl", "lseek", "lstat", "madvise", "mmap",
	"mprotect", "mremap", "munmap", "nanosleep", "newfstatat", "open", "openat", "openat2", "pidfd_open", "pidfd_send_signal",
	"pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "prlimit64", "read", "readlink", "readlinkat", "readv", "recvfrom",
	"recvmsg", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield",
	"seccomp", "select", "sendmsg", "sendto", "set_robust_list", "set_tid_address", "setgid", "setgroups", "setpgid", "setresgid",
	"setresuid", "setsid", "setuid", "shutdown", "sigaltstack", "socket", "stat", "statfs", "statx", "tgkill", "time", "umask",
	"uname", "unlink", "unlinkat", "vfork", "wait4", "waitid", "write", "writev", "setsockopt", "connect", "accept", "accept4",
}
