package report

const windows = "it is for Windows"

// ofHost are the fields that the command line sets, but for limits.
var ofHost = map[string]rule{
	"HostConfig.Binds":            to("/mounts"),
	"HostConfig.ContainerIDFile":  lost("who runs the container writes such a file: creel run --pid-file"),
	"HostConfig.LogConfig.Type":   lost("who runs the container gives it its streams").unless("json-file"),
	"HostConfig.LogConfig.Config": lost("who runs the container gives it its streams"),
	"HostConfig.NetworkMode":      to("/linux/namespaces?type=network"),
	"HostConfig.PortBindings":     lost("ports are published by a network hook: --network netns"),
	"HostConfig.RestartPolicy.Name": lost("who watches the container starts it again").
		unless("no"),
	"HostConfig.RestartPolicy.MaximumRetryCount": lost("who watches the container starts it again"),
	"HostConfig.AutoRemove":                      lost("who runs the container removes it: creel run does"),
	"HostConfig.VolumeDriver":                    record("the volumes are in Mounts"),
	"HostConfig.VolumesFrom":                     record("the volumes are in Mounts"),
	"HostConfig.ConsoleSize":                     to("/process/consoleSize"),
	"HostConfig.Annotations":                     to("/annotations"),
	"HostConfig.CapAdd":                          to("/process/capabilities"),
	"HostConfig.CapDrop":                         to("/process/capabilities"),
	"HostConfig.CgroupnsMode":                    to("/linux/namespaces?type=cgroup"),
	"HostConfig.Dns":                             to("/mounts?destination=/etc/resolv.conf"),
	"HostConfig.DnsOptions":                      to("/mounts?destination=/etc/resolv.conf"),
	"HostConfig.DnsSearch":                       to("/mounts?destination=/etc/resolv.conf"),
	"HostConfig.ExtraHosts":                      to("/mounts?destination=/etc/hosts"),
	"HostConfig.GroupAdd":                        to("/process/user/additionalGids"),
	"HostConfig.IpcMode":                         to("/linux/namespaces?type=ipc"),
	"HostConfig.Cgroup":                          lost("no container joins another's cgroup"),
	"HostConfig.Links":                           lost("Docker keeps the other container's name and address up to date"),
	"HostConfig.OomScoreAdj":                     to("/process/oomScoreAdj"),
	"HostConfig.PidMode":                         to("/linux/namespaces?type=pid"),
	"HostConfig.Privileged":                      to("/process/capabilities", "/linux/devices", "/linux/resources/devices"),
	"HostConfig.PublishAllPorts":                 lost("ports are published by a network hook, each to a port that is known: --network netns"),
	"HostConfig.ReadonlyRootfs":                  to("/root/readonly"),
	"HostConfig.SecurityOpt":                     to(), // each is noted
	"HostConfig.StorageOpt":                      lost("the root filesystem is made by then"),
	"HostConfig.Tmpfs":                           to("/mounts"),
	"HostConfig.UTSMode":                         to("/linux/namespaces?type=uts"),
	"HostConfig.UsernsMode":                      lost("user namespaces are asked for with --userns").unless("host"),
	"HostConfig.ShmSize":                         to("/mounts?destination=/dev/shm"),
	"HostConfig.Sysctls":                         to("/linux/sysctl"),
	"HostConfig.Runtime":                         lost("who runs the container chooses the runtime").unless("runc", "io.containerd.runc.v2"),
	"HostConfig.Umask":                           to("/process/user/umask"),
	"HostConfig.Isolation":                       lost(windows).unless("default"),
	"HostConfig.Mounts":                          to("/mounts"),
	"HostConfig.MaskedPaths":                     to("/linux/maskedPaths"),
	"HostConfig.ReadonlyPaths":                   to("/linux/readonlyPaths"),
	"HostConfig.Init":                            to("/process/args", "/mounts?destination="+Init),
}

// Init is where Docker puts the init of a container that asks for one.
const Init = "/sbin/docker-init"

// ofLimits are the fields of HostConfig.Resources.
var ofLimits = map[string]rule{
	"HostConfig.CpuShares":            to("/linux/resources/cpu/shares"),
	"HostConfig.Memory":               to("/linux/resources/memory/limit"),
	"HostConfig.NanoCpus":             to("/linux/resources/cpu/quota", "/linux/resources/cpu/period"),
	"HostConfig.CgroupParent":         to("/linux/cgroupsPath"),
	"HostConfig.BlkioWeight":          to("/linux/resources/blockIO/weight"),
	"HostConfig.BlkioWeightDevice":    to("/linux/resources/blockIO/weightDevice"),
	"HostConfig.BlkioDeviceReadBps":   to("/linux/resources/blockIO/throttleReadBpsDevice"),
	"HostConfig.BlkioDeviceWriteBps":  to("/linux/resources/blockIO/throttleWriteBpsDevice"),
	"HostConfig.BlkioDeviceReadIOps":  to("/linux/resources/blockIO/throttleReadIOPSDevice"),
	"HostConfig.BlkioDeviceWriteIOps": to("/linux/resources/blockIO/throttleWriteIOPSDevice"),
	"HostConfig.CpuPeriod":            to("/linux/resources/cpu/period"),
	"HostConfig.CpuQuota":             to("/linux/resources/cpu/quota"),
	"HostConfig.CpuRealtimePeriod":    to("/linux/resources/cpu/realtimePeriod"),
	"HostConfig.CpuRealtimeRuntime":   to("/linux/resources/cpu/realtimeRuntime"),
	"HostConfig.CpusetCpus":           to("/linux/resources/cpu/cpus"),
	"HostConfig.CpusetMems":           to("/linux/resources/cpu/mems"),
	"HostConfig.Devices":              to("/linux/devices", "/linux/resources/devices"),
	"HostConfig.DeviceCgroupRules":    to("/linux/resources/devices"),
	"HostConfig.DeviceRequests":       to(), // each is noted
	"HostConfig.MemoryReservation":    to("/linux/resources/memory/reservation"),
	"HostConfig.MemorySwap":           to("/linux/resources/memory/swap").unless("-1"),
	"HostConfig.MemorySwappiness":     to("/linux/resources/memory/swappiness").unless("-1"),
	"HostConfig.OomKillDisable":       to("/linux/resources/memory/disableOOMKiller"),
	"HostConfig.PidsLimit":            to("/linux/resources/pids/limit"),
	"HostConfig.Ulimits":              to("/process/rlimits"),
	"HostConfig.CpuCount":             lost(windows),
	"HostConfig.CpuPercent":           lost(windows),
	"HostConfig.IOMaximumIOps":        lost(windows),
	"HostConfig.IOMaximumBandwidth":   lost(windows),
}
