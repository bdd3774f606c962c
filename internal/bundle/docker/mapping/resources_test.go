package mapping

import "testing"

func TestLimitsAreTheContainers(t *testing.T) {
	host := func(fields string) string { return `{"HostConfig":{` + fields + `}}` }
	rows(t, []row{
		{"nothing is limited", `{}`, "linux/resources/memory", "", nil},
		{"nor the processors", `{}`, "linux/resources/cpu", "", nil},
		{"memory", host(`"Memory":5,"MemoryReservation":4,"MemorySwap":6,"MemorySwappiness":0,"OomKillDisable":true`), "linux/resources/memory",
			`{"limit":5,"reservation":4,"swap":6,"swappiness":0,"disableOOMKiller":true}`, nil},
		{"swap without a limit", host(`"Memory":5,"MemorySwap":-1`), "linux/resources/memory", `{"limit":5}`, nil},
		{"swappiness is the kernel's", host(`"MemorySwappiness":-1`), "linux/resources/memory", "", nil},
		{"the OOM killer is not disabled", host(`"OomKillDisable":false`), "linux/resources/memory", "", nil},
		{"the kernel's memory for TCP, of old Docker", host(`"KernelMemoryTCP":7`), "linux/resources/memory", `{"kernelTCP":7}`, nil},
		{"processors", host(`"CpuShares":2,"CpuPeriod":3,"CpuQuota":-1,"CpusetCpus":"0-2","CpusetMems":"0","CpuRealtimePeriod":4,"CpuRealtimeRuntime":5`),
			"linux/resources/cpu", `{"shares":2,"period":3,"quota":-1,"cpus":"0-2","mems":"0","realtimePeriod":4,"realtimeRuntime":5}`, nil},
		{"parts of processors", host(`"NanoCpus":1500000000`), "linux/resources/cpu", `{"period":100000,"quota":150000}`, nil},
		{"processes", host(`"PidsLimit":5`), "linux/resources/pids", `{"limit":5}`, nil},
		{"processes without a limit", host(`"PidsLimit":0`), "linux/resources/pids", `{"limit":-1}`, nil},
		{"processes that nothing was said of", host(`"PidsLimit":null`), "linux/resources/pids", "", nil},
		{"disks", host(`"BlkioWeight":10,"BlkioWeightDevice":[{"Path":"/dev/sda","Weight":20}],"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}],
			"BlkioDeviceWriteBps":[{"Path":"/dev/sda","Rate":2}],"BlkioDeviceReadIOps":[{"Path":"/dev/sda","Rate":3}],"BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":4}]`),
			"linux/resources/blockIO", `{"weight":10,"weightDevice":[{"major":8,"minor":0,"weight":20}],
			"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1}],"throttleWriteBpsDevice":[{"major":8,"minor":0,"rate":2}],
			"throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":3}],"throttleWriteIOPSDevice":[{"major":8,"minor":0,"rate":4}]}`, nil},
		{"the cgroup is the runtime's", `{}`, "linux/cgroupsPath", "", nil},
		{"or below another one", host(`"CgroupParent":"lab/a"`), "linux/cgroupsPath", `"/lab/a/abc"`, nil},
		{"or in a slice", host(`"CgroupParent":"lab.slice"`), "linux/cgroupsPath", `"lab.slice:docker:abc"`, nil},
	})
}

func TestDevicesAreTheHosts(t *testing.T) {
	const defaults = `{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":3,"access":"rwm"},
		{"allow":true,"type":"c","major":1,"minor":5,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":8,"access":"rwm"},
		{"allow":true,"type":"c","major":1,"minor":9,"access":"rwm"},{"allow":true,"type":"c","major":5,"minor":0,"access":"rwm"},
		{"allow":true,"type":"c","major":5,"minor":1,"access":"rwm"}`
	device := func(fields string) string { return `{"HostConfig":{"Devices":[{` + fields + `}]}}` }
	const privileged = `{"HostConfig":{"Privileged":true,"Devices":[{"PathOnHost":"/dev/fuse","PathInContainer":"/dev/f","CgroupPermissions":"r"}],
		"DeviceCgroupRules":["c 7:* r"]}}`
	rows(t, []row{
		{"the harmless ones are allowed", `{}`, "linux/resources/devices", `[` + defaults + `]`, nil},
		{"one has its number and owners", device(`"PathOnHost":"/dev/link","PathInContainer":"/dev/f","CgroupPermissions":"rw"`), "linux/devices",
			`[{"path":"/dev/f","type":"c","major":10,"minor":229,"fileMode":438,"uid":0,"gid":0}]`, nil},
		{"it is allowed", device(`"PathOnHost":"/dev/fuse","CgroupPermissions":"rw"`), "linux/resources/devices",
			`[` + defaults + `,{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"}]`, nil},
		{"a directory has many", device(`"PathOnHost":"/dev/snd","PathInContainer":"/dev/audio"`), "linux/devices",
			`[{"path":"/dev/audio/seq","type":"c","major":116,"minor":1,"fileMode":432,"uid":0,"gid":29},
			{"path":"/dev/audio/timer","type":"c","major":116,"minor":33,"fileMode":432,"uid":0,"gid":29}]`, nil},
		{"owners of the host are none in a user namespace", device(`"PathOnHost":"/dev/fuse"`), "linux/devices",
			`[{"path":"/dev/fuse","type":"c","major":10,"minor":229,"fileMode":438}]`, mapped(100000, 65536)},
		{"one with another name there is a mount", device(`"PathOnHost":"/dev/fuse","PathInContainer":"/dev/f"`), "mounts?destination=/dev/f",
			`{"destination":"/dev/f","type":"bind","source":"/dev/fuse","options":["bind","rprivate","nodev","ro"]}`, mapped(100000, 65536)},
		{"and no node", device(`"PathOnHost":"/dev/fuse","PathInContainer":"/dev/f"`), "linux/devices", "", mapped(100000, 65536)},
		{"privileged ones have all but terminals", `{"HostConfig":{"Privileged":true}}`, "linux/devices",
			`[{"path":"/dev/sda","type":"b","major":8,"minor":0,"fileMode":432,"uid":0,"gid":6}]`, nil},
		{"and may use all", `{"HostConfig":{"Privileged":true}}`, "linux/resources/devices", `[{"allow":true,"access":"rwm"}]`, nil},
		{"and those that were asked for by other names", privileged, "linux/devices?path=/dev/f",
			`{"path":"/dev/f","type":"c","major":10,"minor":229,"fileMode":438,"uid":0,"gid":0}`, nil},
		{"which they may use whatever the rules say", privileged, "linux/resources/devices", `[{"allow":true,"access":"rwm"}]`, nil},
		{"rules have numbers and stars", `{"HostConfig":{"DeviceCgroupRules":["c 1:* r","b *:5 mw"]}}`, "linux/resources/devices",
			`[` + defaults + `,{"allow":true,"type":"c","major":1,"access":"r"},{"allow":true,"type":"b","minor":5,"access":"mw"}]`, nil},
	})
}

func TestDevicesAreRequestedByTheirNames(t *testing.T) {
	request := func(fields string) string { return `{"HostConfig":{"DeviceRequests":[{` + fields + `}]}}` }
	env := func(more string) string {
		return `["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOSTNAME=web"` + more + `]`
	}
	rows(t, []row{
		{"names of CDI", request(`"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=a"]`), "process/env", env(`,"CDI=nvidia.com/gpu=a"`), nil},
		{"they bring hooks", request(`"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=a"]`), "hooks/createContainer", `[{"path":"/usr/bin/nvidia"}]`, nil},
		{"all GPUs", request(`"Count":-1,"Capabilities":[["gpu"]]`), "process/env", env(`,"CDI=nvidia.com/gpu=all"`), nil},
		{"two GPUs", request(`"Driver":"nvidia","Count":2,"Capabilities":[["gpu"]]`), "process/env", env(`,"CDI=nvidia.com/gpu=0","CDI=nvidia.com/gpu=1"`), nil},
		{"a GPU", request(`"DeviceIDs":["7"],"Capabilities":[["gpu"]]`), "process/env", env(`,"CDI=nvidia.com/gpu=7"`), nil},
		{"other drivers do nothing", request(`"Driver":"x","Count":1`), "process/env", env(``), nil},
	})
}
