package spec

import "testing"

func TestActionsOfAProfileAreKnownAndTheDefaultIsNotNotify(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4095,"architectures":["SCMP_ARCH_X86_64"],"flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_TSYNC"],"syscalls":[{"names":["read","no_such_call"],"action":"SCMP_ACT_ALLOW","args":[{"index":5,"value":1,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}]}}}`},
		{change: `{"linux":{"seccomp":{}}}`,
			errs: []string{`linux.seccomp.defaultAction: it is missing; one is SCMP_ACT_ERRNO`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_NOTIFY"}}}`,
			errs: []string{`linux.seccomp.defaultAction: SCMP_ACT_NOTIFY is for calls that linux.seccomp.syscalls names`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"ALLOW"}}}`,
			errs: []string{`linux.seccomp.defaultAction: "ALLOW" is not one of SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_PROCESS, _KILL_THREAD, _LOG, _NOTIFY, _TRACE, _TRAP`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"]},{"names":["b"],"action":"SCMP_ACT_DENY"}]}}}`,
			errs: []string{
				`linux.seccomp.syscalls[0].action: it is missing; one is SCMP_ACT_ALLOW`,
				`linux.seccomp.syscalls[1].action: "SCMP_ACT_DENY" is not one of SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_PROCESS, _KILL_THREAD, _LOG, _NOTIFY, _TRACE, _TRAP`,
			}},
	})
}

func TestErrorNumbersBelongToActionsThatReturnThem(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}}}`,
			errs: []string{`linux.seccomp.defaultErrnoRet: 1 means something to SCMP_ACT_ERRNO and SCMP_ACT_TRACE only, not to "SCMP_ACT_ALLOW"`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4096}}}`,
			errs: []string{`linux.seccomp.defaultErrnoRet: 4096 is not from 0 to 4095`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","errnoRet":1},{"names":["a"],"action":"SCMP_ACT_TRACE","errnoRet":65535},{"names":["a"],"action":"SCMP_ACT_TRACE","errnoRet":65536},{"names":["a"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}}}`,
			errs: []string{
				`linux.seccomp.syscalls[0].errnoRet: 1 means something to SCMP_ACT_ERRNO and SCMP_ACT_TRACE only, not to "SCMP_ACT_KILL"`,
				`linux.seccomp.syscalls[2].errnoRet: 65536 is not from 0 to 65535`,
			}},
	})
}

func TestArchitecturesFlagsCallsAndArgumentsAreChecked(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86","x86_64"],"flags":["SECCOMP_FILTER_FLAG_NEW_LISTENER"]}}}`,
			errs: []string{
				`linux.seccomp.architectures[1]: "x86_64" is not an architecture that libseccomp names`,
				`linux.seccomp.flags[0]: "SECCOMP_FILTER_FLAG_NEW_LISTENER" is not one of SECCOMP_FILTER_FLAG_TSYNC, _LOG, _SPEC_ALLOW, _WAIT_KILLABLE_RECV`,
			}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_ERRNO"},{"names":["a",""],"action":"SCMP_ACT_ERRNO"}]}}}`,
			errs:  []string{`linux.seccomp.syscalls[1].names[1]: it is empty; it takes the name of a system call`},
			warns: []string{`linux.seccomp.syscalls[0].names: it is empty: the rule is ignored`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"op":"SCMP_CMP_EQ"},{"index":0},{"index":0,"op":"EQ"}]}]}}}`,
			errs: []string{
				`linux.seccomp.syscalls[0].args[0].index: 6 is not from 0 to 5: a system call has six arguments`,
				`linux.seccomp.syscalls[0].args[1].op: "" is not one of SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT, _MASKED_EQ`,
				`linux.seccomp.syscalls[0].args[2].op: "EQ" is not one of SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT, _MASKED_EQ`,
			}},
	})
}

func TestNotifyNeedsAListenerAndNotTheCallsOfInit(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/agent.sock","listenerMetadata":"x","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}}}`},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/agent.sock"}}}`},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}}}`,
			errs: []string{`linux.seccomp.listenerPath: it is missing, and SCMP_ACT_NOTIFY needs somebody to notify`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","listenerMetadata":"x"}}}`,
			errs: []string{`linux.seccomp.listenerMetadata: "x" is for a listener, and listenerPath is missing`}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/a\u0000","syscalls":[{"names":["execve",""],"action":"SCMP_ACT_NOTIFY"}]}}}`,
			errs: []string{
				`linux.seccomp.syscalls[0].names[1]: it is empty; it takes the name of a system call`,
				`linux.seccomp.listenerPath: "/run/a\x00" contains a NUL character, where the kernel would end it`,
			}},
		{change: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}}}`,
			errs: []string{`linux.seccomp.listenerPath: "/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678" has more than the 107 bytes of a socket's path (unix(7))`}},
	})
}
