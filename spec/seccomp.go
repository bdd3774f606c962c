package spec

import "github.com/opencontainers/runtime-spec/specs-go"

// seccomp checks the words of a profile; the calls it names are judged where it is
// compiled, since profiles name calls that other architectures have.
func (c *checker) seccomp() {
	s := c.linux.Seccomp
	if s == nil {
		return
	}
	const field = "linux.seccomp."
	switch {
	case s.DefaultAction == "":
		c.bad(field+"defaultAction", "it is missing; one is SCMP_ACT_ERRNO")
	case s.DefaultAction == specs.ActNotify:
		c.bad(field+"defaultAction", "SCMP_ACT_NOTIFY is for calls that linux.seccomp.syscalls names")
	default:
		c.action(field+"defaultAction", s.DefaultAction)
	}
	c.errnoRet(field+"defaultErrnoRet", s.DefaultErrnoRet, s.DefaultAction)
	for i, a := range s.Architectures {
		if !isArch(a) {
			c.bad(at(field+"architectures", i), "%q is not an architecture that libseccomp names", a)
		}
	}
	for i, f := range s.Flags {
		switch f {
		case "SECCOMP_FILTER_FLAG_TSYNC", specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagSpecAllow, specs.LinuxSeccompFlagWaitKillableRecv:
		default:
			c.bad(at(field+"flags", i), "%q is not one of SECCOMP_FILTER_FLAG_TSYNC, _LOG, _SPEC_ALLOW, _WAIT_KILLABLE_RECV", f)
		}
	}
	notify := false
	for i := range s.Syscalls {
		c.syscallRule(i, &s.Syscalls[i])
		notify = notify || s.Syscalls[i].Action == specs.ActNotify
	}
	c.listener(s, notify)
}

func (c *checker) listener(s *specs.LinuxSeccomp, notify bool) {
	const longest = 107 // sockaddr_un, less its NUL
	if notify && s.ListenerPath == "" {
		c.bad("linux.seccomp.listenerPath", "it is missing, and SCMP_ACT_NOTIFY needs somebody to notify")
	}
	if notify && len(s.ListenerPath) > longest {
		c.bad("linux.seccomp.listenerPath", "%q has more than the %d bytes of a socket's path (unix(7))", s.ListenerPath, longest)
	}
	c.text("linux.seccomp.listenerPath", s.ListenerPath)
	if s.ListenerMetadata != "" && s.ListenerPath == "" {
		c.bad("linux.seccomp.listenerMetadata", "%q is for a listener, and listenerPath is missing", s.ListenerMetadata)
	}
}

func (c *checker) syscallRule(i int, r *specs.LinuxSyscall) {
	if len(r.Names) == 0 {
		c.warn(at("linux.seccomp.syscalls", i)+".names", "it is empty: the rule is ignored")
	}
	for k, name := range r.Names {
		if name == "" {
			c.bad(at(at("linux.seccomp.syscalls", i)+".names", k), "it is empty; it takes the name of a system call")
		}
	}
	switch r.Action {
	case specs.ActAllow, specs.ActErrno: // nearly all rules; do not name the field for nothing
	case "":
		c.bad(at("linux.seccomp.syscalls", i)+".action", "it is missing; one is SCMP_ACT_ALLOW")
	default:
		c.action(at("linux.seccomp.syscalls", i)+".action", r.Action)
	}
	if r.ErrnoRet != nil {
		c.errnoRet(at("linux.seccomp.syscalls", i)+".errnoRet", r.ErrnoRet, r.Action)
	}
	for k := range r.Args {
		a := &r.Args[k]
		if a.Index > 5 {
			c.bad(at(at("linux.seccomp.syscalls", i)+".args", k)+".index", "%d is not from 0 to 5: a system call has six arguments", a.Index)
		}
		switch a.Op {
		case specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpEqualTo, specs.OpGreaterEqual,
			specs.OpGreaterThan, specs.OpMaskedEqual:
		default:
			c.bad(at(at("linux.seccomp.syscalls", i)+".args", k)+".op", "%q is not one of SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT, _MASKED_EQ", a.Op)
		}
	}
}

func (c *checker) action(field string, a specs.LinuxSeccompAction) {
	switch a {
	case specs.ActKill, specs.ActKillProcess, specs.ActKillThread, specs.ActTrap, specs.ActErrno, specs.ActTrace,
		specs.ActAllow, specs.ActLog, specs.ActNotify:
	default:
		c.bad(field, "%q is not one of SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_PROCESS, _KILL_THREAD, _LOG, _NOTIFY, _TRACE, _TRAP", a)
	}
}

func (c *checker) errnoRet(field string, n *uint, a specs.LinuxSeccompAction) {
	if n == nil {
		return
	}
	switch a {
	case specs.ActErrno:
		if *n > 4095 { // MAX_ERRNO
			c.bad(field, "%d is not from 0 to 4095", *n)
		}
	case specs.ActTrace:
		if *n > 65535 {
			c.bad(field, "%d is not from 0 to 65535", *n)
		}
	default:
		c.bad(field, "%d means something to SCMP_ACT_ERRNO and SCMP_ACT_TRACE only, not to %q", *n, a)
	}
}

func isArch(a specs.Arch) bool {
	switch a {
	case specs.ArchX86, specs.ArchX86_64, specs.ArchX32, specs.ArchARM, specs.ArchAARCH64, specs.ArchMIPS, specs.ArchMIPS64,
		specs.ArchMIPS64N32, specs.ArchMIPSEL, specs.ArchMIPSEL64, specs.ArchMIPSEL64N32, specs.ArchPPC, specs.ArchPPC64,
		specs.ArchPPC64LE, specs.ArchS390, specs.ArchS390X, specs.ArchPARISC, specs.ArchPARISC64, specs.ArchRISCV64,
		specs.ArchLOONGARCH64, specs.ArchM68K, specs.ArchSH, specs.ArchSHEB:
		return true
	}
	return false
}
