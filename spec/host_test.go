package spec

import "testing"

func TestMasksAreAbsolutePathsBelowTheRoot(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"maskedPaths":["/proc/kcore","/missing"],"readonlyPaths":["/proc/sys"]}}`},
		{change: `{"linux":{"maskedPaths":["proc/kcore","/"],"readonlyPaths":["","/a\u0000"]}}`,
			errs: []string{
				`linux.maskedPaths[0]: "proc/kcore" is not an absolute path`,
				`linux.maskedPaths[1]: "/" is the whole of the container`,
				`linux.readonlyPaths[0]: "" is not an absolute path`,
				`linux.readonlyPaths[1]: "/a\x00" contains a NUL character, where the kernel would end it`,
			}},
	})
}

func TestNothingIsMountedOrMadeReadOnlyOnTheHost(t *testing.T) {
	const fields = `"root":{"path":"rootfs","readonly":true},"mounts":[{"destination":"/proc","type":"proc"}],"linux":{"rootfsPropagation":"rshared",` +
		`"devices":[{"path":"/dev/null","type":"c","major":1,"minor":3}],"maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"],`
	const why = `linux.namespaces has none of type "mount"`
	check(t, []verdict{
		{change: `{` + fields + `"namespaces":[{"type":"pid"},{"type":"mount"}]}}`},
		{change: `{` + fields + `"namespaces":[{"type":"pid"}]}}`, errs: []string{
			`root.readonly: true would make a directory of the host read-only: ` + why,
			`mounts: 1 would be made on the host: ` + why,
			`linux.rootfsPropagation: "rshared" would be set for the host's mounts: ` + why,
			`linux.devices: 1 would be made on the host: ` + why,
			`linux.maskedPaths: ["/proc/kcore"] would be changed on the host: ` + why,
			`linux.readonlyPaths: ["/proc/sys"] would be changed on the host: ` + why,
		}},
		{change: `{` + fields + `"namespaces":[{"type":"pid"},{"type":"mount","path":"/proc/self/ns/mnt"}]}}`,
			errs: []string{`linux.namespaces: the root filesystem would be mounted on the host: /proc/self/ns/mnt is the host's mount namespace`}},
		{change: `{"linux":{"namespaces":[{"type":"pid"}]}}`},
		{change: `{"linux":null,"mounts":[{"destination":"/proc","type":"proc"}]}`,
			errs: []string{`mounts: 1 would be made on the host: linux.namespaces has none of type "mount"`}},
	})
}

func TestTheHostsOwnNamespaceByPathIsTheHosts(t *testing.T) {
	check(t, []verdict{
		{change: `{"hostname":"h","domainname":"d","linux":{"namespaces":[{"type":"uts","path":"/proc/self/ns/uts"}]}}`,
			errs: []string{
				`hostname: "h" would become that of the host: /proc/self/ns/uts is the host's uts namespace`,
				`domainname: "d" would become that of the host: /proc/self/ns/uts is the host's uts namespace`,
			}},
		{change: `{"linux":{"namespaces":[{"type":"ipc","path":"/proc/self/ns/ipc"},{"type":"uts","path":"/proc/self/ns/uts"}],"sysctl":{"kernel.sem":"1","fs.mqueue.msg_max":"9","kernel.domainname":"d"}}}`,
			errs: []string{
				`linux.sysctl["fs.mqueue.msg_max"]: it would change the host: /proc/self/ns/ipc is the host's ipc namespace`,
				`linux.sysctl["kernel.domainname"]: it would change the host: /proc/self/ns/uts is the host's uts namespace`,
				`linux.sysctl["kernel.sem"]: it would change the host: /proc/self/ns/ipc is the host's ipc namespace`,
			}},
	})
}
