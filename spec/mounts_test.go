package spec

import "testing"

func TestAMountHasADestinationAndAType(t *testing.T) {
	check(t, []verdict{
		{change: `{"mounts":[{"destination":"/data","type":"ext4","source":"/dev/sda1","options":["ro"]}]}`},
		{change: `{"mounts":[{"destination":"/data","type":"some-new-fs","source":"x"}]}`},
		{change: `{"mounts":[{"destination":"","type":"tmpfs"}]}`,
			errs: []string{`mounts[0].destination: it is missing; it takes an absolute path in the container`}},
		{change: `{"mounts":[{"destination":"data/x","type":"tmpfs"}]}`,
			warns: []string{`mounts[0].destination: "data/x" is not an absolute path, which is deprecated: it is taken from the container's /`}},
		{change: `{"mounts":[{"destination":"/data"}]}`,
			errs: []string{`mounts[0].type: it is missing, and the options do not ask for a bind mount`}},
		{change: `{"mounts":[{"destination":"/data","options":["remount","ro"]}]}`},
		{change: `{"mounts":[{"destination":"/a\u0000","type":"b\u0000","source":"c\u0000","options":["d\u0000"]}]}`,
			errs: []string{
				`mounts[0].destination: "/a\x00" contains a NUL character, where the kernel would end it`,
				`mounts[0].type: "b\x00" contains a NUL character, where the kernel would end it`,
				`mounts[0].source: "c\x00" contains a NUL character, where the kernel would end it`,
				`mounts[0].options[0]: "d\x00" contains a NUL character, where the kernel would end it`,
			}},
	})
}

func TestABindMountHasASourceAndNoOptionsOfAFilesystem(t *testing.T) {
	check(t, []verdict{
		{change: `{"mounts":[{"destination":"/data","type":"none","source":"/srv","options":["rbind","ro","rprivate"]}]}`},
		{change: `{"mounts":[{"destination":"/data","source":"relative","options":["bind"]}]}`},
		{change: `{"mounts":[{"destination":"/data","type":"bind","source":"/srv"}]}`},
		{change: `{"mounts":[{"destination":"/data","type":"bind"}]}`,
			errs: []string{`mounts[0].source: it is missing; a bind mount takes the path of a file or directory`}},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","mode=755","size=5"]}]}`,
			errs: []string{`mounts[0].options: ["mode=755" "size=5"] are options of a filesystem, which a bind mount cannot change`}},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["rbind","nofail","x-y"]}]}`},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","tmpcopyup"]}]}`,
			warns: []string{`mounts[0].options: tmpcopyup means something to a tmpfs only, not to "": it is ignored`}},
		{change: `{"mounts":[{"destination":"/data","type":"tmpfs","options":["tmpcopyup"]}]}`},
	})
}

func TestOptionsForLinksMustFitTheMountAndEachOther(t *testing.T) {
	const excludes = `mounts[0].options: copy-symlink excludes src-nofollow and dest-nofollow: nothing is mounted where a link is copied`
	check(t, []verdict{
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","src-nofollow","dest-nofollow"]}]}`},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","copy-symlink"]}]}`},
		{change: `{"mounts":[{"destination":"/data","type":"tmpfs","options":["dest-nofollow"]}]}`},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","copy-symlink","src-nofollow"]}]}`, errs: []string{excludes}},
		{change: `{"mounts":[{"destination":"/data","source":"/srv","options":["bind","copy-symlink","dest-nofollow"]}]}`, errs: []string{excludes}},
		{change: `{"mounts":[{"destination":"/data","options":["remount","ro","dest-nofollow"]}]}`,
			errs: []string{`mounts[0].options: a remount has no use for copy-symlink, src-nofollow and dest-nofollow`}},
		{change: `{"mounts":[{"destination":"/data","type":"tmpfs","options":["src-nofollow"]}]}`,
			warns: []string{`mounts[0].options: copy-symlink and src-nofollow mean something to a bind mount only: they are ignored`}},
	})
}

func TestNothingIsMountedInsideProcButWhatLxcfsProvides(t *testing.T) {
	check(t, []verdict{
		{change: `{"mounts":[{"destination":"/proc","type":"proc"}]}`},
		{change: `{"mounts":[{"destination":"/proc/cpuinfo","source":"/x","options":["bind"]},{"destination":"/proc/sys/kernel/ns_last_pid","source":"/x","options":["bind"]}]}`},
		{change: `{"mounts":[{"destination":"/proc/sys","type":"tmpfs"}]}`,
			errs: []string{`mounts[0].destination: "/proc/sys" is inside /proc, where only files that lxcfs provides may be mounted over`}},
		{change: `{"mounts":[{"destination":"//dev/../proc/./self/attr","type":"tmpfs"}]}`,
			errs: []string{`mounts[0].destination: "//dev/../proc/./self/attr" is inside /proc, where only files that lxcfs provides may be mounted over`}},
		{change: `{"mounts":[{"destination":"proc/kcore","type":"tmpfs"}]}`,
			errs:  []string{`mounts[0].destination: "proc/kcore" is inside /proc, where only files that lxcfs provides may be mounted over`},
			warns: []string{`mounts[0].destination: "proc/kcore" is not an absolute path, which is deprecated: it is taken from the container's /`}},
		{change: `{"mounts":[{"destination":"/../proc/kcore","type":"tmpfs"}]}`,
			errs: []string{`mounts[0].destination: "/../proc/kcore" is inside /proc, where only files that lxcfs provides may be mounted over`}},
		{change: `{"mounts":[{"destination":"/procfs","type":"tmpfs"},{"destination":"/process/x","type":"tmpfs"}]}`},
		{change: `{"mounts":[{"destination":"/proc","type":"tmpfs"}]}`,
			errs: []string{`mounts[0].type: "tmpfs" on /proc would take the place of procfs; only "proc" may`}},
		{change: `{"mounts":[{"destination":"/proc","source":"/proc","options":["rbind"]}]}`},
		{change: `{"mounts":[{"destination":"/proc","source":"rootfs","options":["rbind"]}]}`,
			errs: []string{`mounts[0].source: "rootfs" on /proc would take the place of procfs; only a procfs may`}},
	})
}

func TestIdsOfAMountAreMappedByMapsOfBothKinds(t *testing.T) {
	check(t, []verdict{
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","idmap"],"uidMappings":[{"size":1}],"gidMappings":[{"size":1}]}]}`},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind"],"uidMappings":[{"size":1}],"gidMappings":[{"size":1}]}]}`},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","idmap"],"uidMappings":[{"size":1}]}]}`,
			errs: []string{`mounts[0].gidMappings: it is missing, as uidMappings is given`}},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","ridmap"],"gidMappings":[{"size":1}]}]}`,
			errs: []string{`mounts[0].uidMappings: it is missing, as gidMappings is given`}},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","idmap"]}]}`,
			errs: []string{`mounts[0].options: "idmap" has no map to apply: the mount has no uidMappings and gidMappings, and nor has the container`}},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","ridmap"]}],"linux":{"namespaces":[{"type":"user"},{"type":"mount"}],"uidMappings":[{"size":1}],"gidMappings":[{"size":1}]}}`},
		{change: `{"mounts":[{"destination":"/d","type":"tmpfs","options":["idmap"],"uidMappings":[{"size":1}],"gidMappings":[{"size":1}]}]}`,
			errs: []string{`mounts[0]: ids are mapped on bind mounts only, and the options do not ask for one`}},
		{change: `{"mounts":[{"destination":"/d","source":"/s","options":["bind","idmap"],"uidMappings":[{"size":0}],"gidMappings":[{"size":5},{"hostID":9,"size":5,"containerID":4}]}]}`,
			errs: []string{
				`mounts[0].uidMappings[0].size: 0 maps nothing; it takes the number of ids`,
				`mounts[0].gidMappings[1].containerID: 4 to 8 overlaps with 0 to 4 of mounts[0].gidMappings[0]`,
			}},
	})
}
