package spec

import "testing"

func TestNamespacesAreKnownAndOccurOnce(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"namespaces":[{"type":"pid"},{"type":"network"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"cgroup"},{"type":"time"}]}}`},
		{change: `{"linux":{"namespaces":[{"type":"net"},{"type":"mnt"},{"type":""}]}}`,
			errs: []string{
				`linux.namespaces[0].type: "net" is not one of cgroup, ipc, mount, network, pid, time, user, uts`,
				`linux.namespaces[1].type: "mnt" is not one of cgroup, ipc, mount, network, pid, time, user, uts`,
				`linux.namespaces[2].type: "" is not one of cgroup, ipc, mount, network, pid, time, user, uts`,
			}},
		{change: `{"linux":{"namespaces":[{"type":"pid"},{"type":"mount"},{"type":"pid"}]}}`,
			errs: []string{`linux.namespaces[2].type: "pid" occurs already in linux.namespaces[0]`}},
	})
}

func TestAPathLeadsToANamespaceOfItsType(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"/proc/self/ns/pid"},{"type":"network","path":"/proc/self/ns/net"}]}}`},
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"proc/self/ns/pid"}]}}`,
			errs: []string{`linux.namespaces[0].path: "proc/self/ns/pid" is not an absolute path`}},
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"/proc/self/ns/none"}]}}`,
			errs: []string{`linux.namespaces[0].path: open /proc/self/ns/none: no such file or directory`}},
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"/dev/null"}]}}`,
			errs: []string{`linux.namespaces[0].path: /dev/null is not a namespace: invalid argument`}},
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"/proc/self/ns/net"},{"type":"ipc","path":"/proc/self/ns/mnt"}]}}`,
			errs: []string{
				`linux.namespaces[0].path: /proc/self/ns/net is a namespace of type "network", not "pid": invalid argument`,
				`linux.namespaces[1].path: /proc/self/ns/mnt is a namespace of type "mount", not "ipc": invalid argument`,
			}},
		{change: `{"linux":{"namespaces":[{"type":"pid","path":"/a\u0000b"}]}}`,
			errs: []string{`linux.namespaces[0].path: "/a\x00b" contains a NUL character, where the kernel would end it`}},
	})
}

func TestTimeOffsetsNeedANewTimeNamespaceAndAClock(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"namespaces":[{"type":"time"}],"timeOffsets":{"monotonic":{"secs":-5,"nanosecs":999999999},"boottime":{"secs":4611686018}}}}`},
		{change: `{"linux":{"timeOffsets":{"monotonic":{"secs":1}}}}`,
			errs: []string{`linux.timeOffsets: the host's clocks cannot be set off: linux.namespaces has none of type "time"`}},
		{change: `{"linux":{"namespaces":[{"type":"time","path":"/proc/self/ns/time"}],"timeOffsets":{"monotonic":{"secs":1}}}}`,
			errs: []string{`linux.timeOffsets: the offsets of /proc/self/ns/time, which exists, cannot be changed`}},
		{change: `{"linux":{"namespaces":[{"type":"time"}],"timeOffsets":{"realtime":{"secs":1},"boottime":{"nanosecs":1000000000},"monotonic":{"secs":4611686019}}}}`,
			errs: []string{
				`linux.timeOffsets["boottime"].nanosecs: 1000000000 is not from 0 to 999999999`,
				`linux.timeOffsets["monotonic"].secs: 4611686019 is not from -4611686018 to 4611686018`,
				`linux.timeOffsets["realtime"]: it is not a clock with an offset; those are monotonic and boottime`,
			}},
	})
}

func TestNetworkDevicesHaveNamesAndANamespaceToGoTo(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"netDevices":{"eth0":{},"eth1":{"name":"lan%d"},"eth2":{"name":"%d"}}}}`},
		{change: `{"linux":{"namespaces":[{"type":"pid"}],"netDevices":{"eth0":{}}}}`,
			errs: []string{`linux.netDevices: there is nowhere to move them: linux.namespaces has none of type "network"`}},
		{change: `{"linux":{"netDevices":{"":{},"a/b":{"name":"x y"},"0123456789abcdef":{"name":".."}}}}`,
			errs: []string{
				`linux.netDevices[""]: "" is not a name of a network device: it is empty`,
				`linux.netDevices["0123456789abcdef"]: "0123456789abcdef" is not a name of a network device: it has more than 15 bytes`,
				`linux.netDevices["0123456789abcdef"].name: ".." is not a name for a network device: it is a directory`,
				`linux.netDevices["a/b"]: "a/b" is not a name of a network device: it contains a space or one of / : %`,
				`linux.netDevices["a/b"].name: "x y" is not a name for a network device: it contains a space or one of / : %`,
			}},
		{change: `{"linux":{"netDevices":{"eth0":{"name":"lan"},"eth1":{"name":"lan"}}}}`,
			errs: []string{`linux.netDevices["eth1"].name: "lan" is the name of "eth0" already`}},
	})
}
