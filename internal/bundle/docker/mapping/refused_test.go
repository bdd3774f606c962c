package mapping

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/userns"
)

// refused maps each row and wants an error with its text.
func refused(t *testing.T, all []row) {
	t.Helper()
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			_, _, _, err := r.make(t)
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("the error is %v, want %q", err, r.want)
			}
		})
	}
}

// mapped is with a user namespace.
func mapped(root, length uint32) func(*Options) {
	return func(o *Options) { o.Userns = userns.Range{Root: root, Length: length} }
}

func TestWhatDockerWouldNotStartIsRefused(t *testing.T) {
	refused(t, []row{
		{"no command", `{"Path":"","Args":null}`, "", `Path: "": there is no command`, nil},
		{"a missing init", `{"HostConfig":{"Init":true}}`, "", "neither docker-init nor tini-static", func(o *Options) { o.Facts.Init = "" }},
		{"a limit without a name", `{"HostConfig":{"Ulimits":[{"Soft":1,"Hard":1}]}}`, "", "HostConfig.Ulimits[0].Name", nil},
		{"a soft limit above the hard one", `{"HostConfig":{"Ulimits":[{"Name":"core","Soft":2,"Hard":1}]}}`, "", "HostConfig.Ulimits[0].Soft: 2", nil},
		{"an option that nobody knows", `{"HostConfig":{"SecurityOpt":["fly=1"]}}`, "", `HostConfig.SecurityOpt[0]: "fly": it is no option of Docker`, nil},
		{"a switch that is neither on nor off", `{"HostConfig":{"SecurityOpt":["no-new-privileges=maybe"]}}`, "", `"maybe": want true or false`, nil},
		{"a path of a profile", `{"HostConfig":{"SecurityOpt":["seccomp=/p.json"]}}`, "", `"/p.json": want a profile as JSON`, nil},
		{"a profile that is no JSON", `{"HostConfig":{"SecurityOpt":["seccomp={"]}}`, "", `HostConfig.SecurityOpt[0]: "seccomp"`, nil},
		{"a rule that is null", `{"HostConfig":{"SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[null]}"]}}`, "", "syscalls[0]: it is null", nil},
		{"a container that does not run", `{"HostConfig":{"PidMode":"container:gone"}}`, "", `HostConfig.PidMode: "container:gone": the container does not run`, nil},
		{"the network of one", `{"HostConfig":{"NetworkMode":"container:gone"}}`, "", `HostConfig.NetworkMode: "container:gone"`, nil},
		{"an unknown mode of a pid namespace", `{"HostConfig":{"PidMode":"shared"}}`, "", `HostConfig.PidMode: "shared"`, nil},
		{"an unknown mode of an IPC namespace", `{"HostConfig":{"IpcMode":"x"}}`, "", `HostConfig.IpcMode: "x"`, nil},
		{"all rights in a user namespace", `{"HostConfig":{"Privileged":true}}`, "", "all rights are the host's", mapped(100000, 65536)},
		{"a user namespace beside namespaces of the host's", `{"HostConfig":{"PidMode":"container:other"}}`, "",
			"--userns 100000:65536: process 4711, whose namespaces are joined, has the host's user namespace", func(o *Options) {
				mapped(100000, 65536)(o)
				o.Lookup = fake{missing: true}
			}},
		{"a destination that is not absolute", `{"Mounts":[{"Type":"bind","Source":"/s","Destination":"d"}]}`, "", `Mounts[0].Destination: "d"`, nil},
		{"a source that is not absolute", `{"Mounts":[{"Type":"bind","Source":"s","Destination":"/d"}]}`, "", `Mounts[0].Source: "s"`, nil},
		{"a pipe of Windows", `{"Mounts":[{"Type":"npipe","Source":"/s","Destination":"/d"}]}`, "", `Mounts[0].Type: "npipe"`, nil},
		{"an unknown propagation", `{"Mounts":[{"Type":"bind","Source":"/s","Destination":"/d","Propagation":"x"}]}`, "", `Mounts[0].Propagation: "x"`, nil},
		{"a part of a volume that is not in it", `{"Mounts":[{"Type":"volume","Source":"/s","Destination":"/d"}],
			"HostConfig":{"Mounts":[{"Type":"volume","Target":"/d","VolumeOptions":{"Subpath":"../x"}}]}}`, "", `Mounts[0].Source: "/s": subpath "../x"`, nil},
		{"read-only all the way down on an old kernel", `{"Mounts":[{"Type":"bind","Source":"/s","Destination":"/d"}],
			"HostConfig":{"Mounts":[{"Type":"bind","Target":"/d","BindOptions":{"ReadOnlyForceRecursive":true}}]}}`, "", "need Linux 5.12",
			func(o *Options) { o.Facts.RecursiveReadonly = false }},
		{"a tmpfs that is not absolute", `{"HostConfig":{"Tmpfs":{"tmp":""}}}`, "", `HostConfig.Tmpfs["tmp"]`, nil},
		{"a negative size", `{"HostConfig":{"ShmSize":-1}}`, "", "HostConfig.ShmSize: -1", nil},
		{"a negative limit of memory", `{"HostConfig":{"Memory":-5}}`, "", "HostConfig.Memory: -5", nil},
		{"a swappiness beyond 100", `{"HostConfig":{"MemorySwappiness":101}}`, "", "want 0 to 100", nil},
		{"a negative share", `{"HostConfig":{"CpuShares":-5}}`, "", "HostConfig.CpuShares: -5", nil},
		{"two quotas", `{"HostConfig":{"NanoCpus":5,"CpuQuota":7}}`, "", "they say the same in another way", nil},
		{"a device that is not there", `{"HostConfig":{"Devices":[{"PathOnHost":"/dev/none"}]}}`, "", `HostConfig.Devices[0].PathOnHost: "/dev/none": no such file`, nil},
		{"a directory without devices", `{"HostConfig":{"Devices":[{"PathOnHost":"/dev/empty"}]}}`, "", "there is no device in the directory", nil},
		{"an access that nobody knows", `{"HostConfig":{"Devices":[{"PathOnHost":"/dev/fuse","CgroupPermissions":"rx"}]}}`, "", `"rx": want some of r, w and m`, nil},
		{"a rule of two words", `{"HostConfig":{"DeviceCgroupRules":["c 1:3"]}}`, "", "want TYPE MAJOR:MINOR ACCESS", nil},
		{"a rule for pipes", `{"HostConfig":{"DeviceCgroupRules":["p 1:3 rwm"]}}`, "", "want a, b or c", nil},
		{"a rule without a number", `{"HostConfig":{"DeviceCgroupRules":["c x:3 rwm"]}}`, "", "major: ", nil},
		{"a rule with one number", `{"HostConfig":{"DeviceCgroupRules":["c 1 rwm"]}}`, "", "want MAJOR:MINOR", nil},
		{"a rule for nothing", `{"HostConfig":{"DeviceCgroupRules":["c 1:3 x"]}}`, "", "want some of r, w and m", nil},
		{"a limit for what is no disk", `{"HostConfig":{"BlkioDeviceReadBps":[{"Path":"/dev/null","Rate":5}]}}`, "",
			`HostConfig.BlkioDeviceReadBps[0].Path: "/dev/null": it is not a block device`, nil},
		{"a device that CDI does not know", `{"HostConfig":{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["x.org/a=b"]}]}}`, "",
			`HostConfig.DeviceRequests[0].DeviceIDs: "[x.org/a=b]": unresolvable`, nil},
		{"a cgroup without a name", `{"Id":"","HostConfig":{"CgroupParent":"/p"}}`, "", "which is missing", nil},
	})
}
