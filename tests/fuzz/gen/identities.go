package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
)

// listens loads a filter with a listener (SECCOMP_FILTER_FLAG_NEW_LISTENER).
var listens = op(plan.Seccomp, all(slots(5, none, none), text("\x06\x00\x00\x00\x00\x00\xff\x7f"), num(8)))

// identities are the operations on the process itself, and the last ones.
var identities = []opCase{
	{name: "name", ops: []plan.Op{op(plan.Name, path("web")), op(plan.Name, all(path("example.org"), num(1)))}, calls: 2},
	{name: "pty", ops: []plan.Op{op(plan.Pty, all(slots(5, 0, 6), path("/dev/pts/ptmx"), num(24|80<<16)))}, calls: 8, scripts: [][]byte{{agree, 4}, {agree, agree, agree, agree, 4}}},
	{name: "terminal", ops: []plan.Op{op(plan.Terminal, num(1000))}, calls: 5},
	{name: "stdio", ops: []plan.Op{op(plan.Stdio, num(1000)), op(plan.Setsid, nil)}, calls: 1,
		scripts: [][]byte{{2, agree, 2}, {2, noent}, {2, agree, 34}, {1, agree}}},
	{name: "long-label", ops: []plan.Op{op(plan.Setsid, func(o *plan.Op) { o.Doing = strings.Repeat("long ", 2000) })}, scripts: [][]byte{{inval}}},
	{name: "setsid", ops: []plan.Op{op(plan.Setsid, nil)}, calls: 1, scripts: [][]byte{{inval}}},
	{name: "keyring", ops: []plan.Op{op(plan.Keyring, path("_ses.web"))}, calls: 2, scripts: [][]byte{{nosys}}},
	{name: "personality", ops: []plan.Op{op(plan.Personality, num(8))}, calls: 1},
	{name: "scheduler", ops: []plan.Op{op(plan.Scheduler, text(sched))}, calls: 1},
	{name: "ioprio", ops: []plan.Op{op(plan.IOPrio, num(2<<13|4))}, calls: 1},
	{name: "mempolicy", ops: []plan.Op{op(plan.MemPolicy, all(text("\x01\x00\x00\x00\x00\x00\x00\x00"), num(1<<15|2))), op(plan.MemPolicy, num(0))}, calls: 2},
	{name: "affinity", ops: []plan.Op{op(plan.Affinity, text(string(make([]byte, 1024))))}, calls: 1},
	{name: "umask", ops: []plan.Op{op(plan.Umask, num(0o22)), op(plan.Setsid, nil)}},
	{name: "bounding", ops: []plan.Op{op(plan.Bounding, num(0xff, 40))}, calls: 2},
	{name: "keepcaps", ops: []plan.Op{op(plan.KeepCaps, num(1))}, calls: 1},
	{name: "groups", ops: []plan.Op{op(plan.Groups, all(text("\x01\x00\x00\x00\x02\x00\x00\x00"), num(2)))}, calls: 1, scripts: [][]byte{{inval}}},
	{name: "groups-denied", ops: []plan.Op{op(plan.Groups, flags(plan.AccessOK))}, calls: 2},
	{name: "ids", ops: []plan.Op{op(plan.IDs, num(1000, 1000))}, calls: 2},
	{name: "caps", ops: []plan.Op{op(plan.Caps, num(0xa80425fb, 0x1ffa80425fb, 0))}, calls: 1},
	{name: "ambient", ops: []plan.Op{op(plan.Ambient, num(1<<10|1<<38))}, calls: 3},
	{name: "no_new_privs", ops: []plan.Op{op(plan.NoNewPrivs, nil)}, calls: 1},
	{name: "seccomp", ops: []plan.Op{op(plan.Seccomp, all(text("\x06\x00\x00\x00\x00\x00\xff\x7f"), num(4)))}, calls: 1},
	{name: "seccomp-gateless", ops: []plan.Op{listens}},
	{name: "gate", ops: []plan.Op{op(plan.Gate, nil)}, calls: 5, scripts: [][]byte{{inval, agree}, {agree, agree, agree, agree, 1, 2}, {agree, agree, agree, agree, 4, 7}}},
	{name: "gate-passed", ops: []plan.Op{op(plan.Gate, nil), listens, op(plan.Setsid, nil)}, calls: 7,
		scripts: [][]byte{append(make([]byte, 7), bytes.Repeat([]byte{perm}, 20)...)}}, // it stays shut
	{name: "chdir", ops: []plan.Op{op(plan.Chdir, all(path("/work"), flags(plan.Mkdir))), op(plan.Chdir, path("/work"))}, calls: 4,
		scripts: [][]byte{append([]byte{noent}, walked...), {agree, agree, agree, 2}, {acces}}},
	{name: "chdir-before", ops: []plan.Op{op(plan.Chdir, all(path("/work"), flags(plan.AccessOK))), op(plan.Chdir, path("/work"))}, calls: 3,
		scripts: [][]byte{{acces, acces}}},
	{name: "find", ops: []plan.Op{op(plan.Find, all(text("/bin/sh\x00/usr/bin/sh\x00"), num(2)))}, ok: []byte{1}, calls: 2,
		scripts: [][]byte{{noent, 1}, {agree, 1, acces}, {1, acces, 1, acces}, {8, 8}}},
	{name: "accept", ops: []plan.Op{op(plan.Accept, all(slots(3, 0, none), num(0, 2))), op(plan.Announce, nil)}, calls: 5,
		scripts: [][]byte{{agree, agree, 4, 5}, {agree, agree, intr, agree, agree, agree, 0x9e}, {agree, agree, agree, agree, 4},
			// a silent caller, who speaks later, and who goes away while another comes
			{agree, agree, agree, agree, again, 2 | 8 | 16, agree},
			{agree, agree, agree, agree, again, agree, agree, again, 8 | 16, 0x9e, agree, agree, agree},
			// more than are listened to
			slices.Concat([]byte{agree, agree}, bytes.Repeat([]byte{agree, agree, again}, 12))}},
	{name: "announce", ops: []plan.Op{op(plan.Announce, nil)}, calls: 1},
	{name: "hook", ops: []plan.Op{op(plan.Hook, all(slots(1, 0, 2), path("/bin/hook"), text(limit), program(sh, env))), op(plan.Setsid, nil)},
		calls: 8, scripts: [][]byte{{agree, 1}, {agree, 1, agree, agree, agree, agree, acces}, {agree, agree, agree, 1}, {agree, agree, agree, agree, 1},
			{agree, 1, agree, agree, agree, agree, agree, agree, agree, agree, noent}, {agree, agree, agree, intr, agree, intr, 2}, {agree, agree, agree, agree, 2, agree, 0x81}}},
	{name: "hook-slow", ops: []plan.Op{op(plan.Hook, all(slots(1, 0, 2), path("/bin/hook"), text("\x01"+limit[1:]), program(sh, nil))), op(plan.Setsid, nil)},
		scripts: [][]byte{{agree, agree, agree, 1}, {agree, agree, agree, 6}}}, // too slow; the runtime is gone
	{name: "signals", ops: []plan.Op{op(plan.Signals, nil)}, calls: 1, scripts: [][]byte{refused(64, inval)}},
	{name: "dumpable", ops: []plan.Op{op(plan.Dumpable, num(0))}, calls: 1},
	{name: "title", ops: []plan.Op{op(plan.Title, path("creel:[INIT]"))}, calls: 1},
	{name: "loopback", ops: []plan.Op{op(plan.Loopback, nil)}, calls: 3},
	{name: "rlimit", ops: []plan.Op{op(plan.Rlimit, num(7, 1024, 4096))}, calls: 1, scripts: [][]byte{{inval}, {perm, badf}, {perm, agree, 2, 9}}},
	{name: "exec", ops: []plan.Op{op(plan.Exec, all(path("/bin/sh"), program(sh, env)))}, calls: 1},
	{name: "exec-found", ops: []plan.Op{op(plan.Find, all(text("/bin/sh\x00"), num(1))), op(plan.Exec, all(path("sh"), program(sh, env)))}, ok: []byte{1}},
}
