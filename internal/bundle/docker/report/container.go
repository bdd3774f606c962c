package report

// ofContainer are the fields of the document itself.
var ofContainer = map[string]rule{
	"Id":                         record("the container's name for programs"),
	"Created":                    record("when Docker made the container"),
	"Path":                       to("/process/args"),
	"Args":                       to("/process/args"),
	"State":                      record("what the container was doing"),
	"Image":                      record("what the root filesystem was made of"),
	"ResolvConfPath":             to("/mounts?destination=/etc/resolv.conf"),
	"HostnamePath":               to("/mounts?destination=/etc/hostname"),
	"HostsPath":                  to("/mounts?destination=/etc/hosts"),
	"LogPath":                    record("where Docker keeps the output"),
	"Name":                       record("the container's name for people"),
	"RestartCount":               record("what Docker counted"),
	"Driver":                     record("how Docker keeps the root filesystem"),
	"Platform":                   to("/annotations/org.opencontainers.image.os"),
	"MountLabel":                 to("/linux/mountLabel"),
	"ProcessLabel":               to("/process/selinuxLabel"),
	"AppArmorProfile":            to("/process/apparmorProfile"),
	"ExecIDs":                    record("processes that were executed in the container"),
	"GraphDriver":                record("where Docker keeps the root filesystem"),
	"Storage":                    record("where Docker keeps the root filesystem"),
	"SizeRw":                     record("how much Docker keeps"),
	"SizeRootFs":                 record("how much Docker keeps"),
	"Mounts":                     to("/mounts"),
	"NetworkSettings.SandboxID":  record("the network that Docker made"),
	"NetworkSettings.SandboxKey": record("the network that Docker made"),
	"NetworkSettings.Ports":      record("the network that Docker made"),
	"NetworkSettings.Networks":   record("the network that Docker made"),
	"ImageManifestDescriptor":    record("what the root filesystem was made of"),
}

// ofConfig are the fields that the image and the command line set.
var ofConfig = map[string]rule{
	"Config.Hostname":        to("/hostname", "/process/env?=HOSTNAME="),
	"Config.Domainname":      to("/domainname"),
	"Config.User":            to("/process/user"),
	"Config.AttachStdin":     lost("who runs the container gives it its streams"),
	"Config.AttachStdout":    lost("who runs the container gives it its streams"),
	"Config.AttachStderr":    lost("who runs the container gives it its streams"),
	"Config.OpenStdin":       lost("who runs the container gives it its streams"),
	"Config.StdinOnce":       lost("who runs the container gives it its streams"),
	"Config.ExposedPorts":    to("/annotations/org.opencontainers.image.exposedPorts"),
	"Config.Tty":             to("/process/terminal", "/process/env?=TERM="),
	"Config.Env":             to("/process/env"),
	"Config.Cmd":             to("/process/args"),
	"Config.Entrypoint":      to("/process/args"),
	"Config.Healthcheck":     lost("no runtime runs checks: that is who watches the container").unless(`{"Test":["NONE"]}`),
	"Config.ArgsEscaped":     lost("it is for Windows"),
	"Config.Image":           record("what the root filesystem was made of"),
	"Config.Volumes":         to(), // each is noted
	"Config.WorkingDir":      to("/process/cwd"),
	"Config.NetworkDisabled": to("/linux/namespaces?type=network"),
	"Config.OnBuild":         lost("it is for who builds images of this one"),
	"Config.Labels":          to("/annotations"),
	"Config.StopSignal":      to("/annotations/org.opencontainers.image.stopSignal"),
	"Config.StopTimeout":     lost("who stops the container decides how long it waits"),
	"Config.Shell":           lost("it is for who builds images of this one"),
}

// ofEarlier are fields that later versions of the API lack.
var ofEarlier = merge(networkOfEarlier(), map[string]rule{
	"Config.MacAddress":             lost("a network hook gives it: --network netns"),
	"Config.PublishService":         lost("Docker 1.8 tried it out"),
	"HostConfig.Capabilities":       lost("Docker 19.03 tried it out"),
	"HostConfig.DiskQuota":          lost("it is for Windows"),
	"HostConfig.KernelMemory":       lost("Linux 5.16 has no such limit any more"),
	"HostConfig.KernelMemoryTCP":    to("/linux/resources/memory/kernelTCP"),
	"HostConfig.LxcConf":            lost("it is for LXC"),
	"HostConfig.SandboxPlatform":    lost("it is for Windows"),
	"HostConfig.ExternalCPUShares":  record("unused"),
	"ExecDriver":                    record("how Docker ran containers"),
	"ResolvConf":                    record("where Docker keeps the file"),
	"Volumes":                       lost("Docker before 1.8 told volumes this way"),
	"VolumesRW":                     lost("Docker before 1.8 told volumes this way"),
	"AppliedVolumesFrom":            record("what Docker did"),
	"HasBeenStartedBefore":          record("what Docker did"),
	"HasBeenManuallyStopped":        record("what Docker did"),
	"Node":                          record("where Docker's swarm of then ran the container"),
	"HostConfig.ContainerIDEnvFile": record("unused"),
})

// networkOfEarlier are fields of the one network that a container had before API 1.21, and kept until 1.52.
func networkOfEarlier() map[string]rule {
	rules := map[string]rule{}
	for _, name := range []string{
		"Bridge", "EndpointID", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "HairpinMode", "IPAddress", "IPPrefixLen",
		"IPv6Gateway", "LinkLocalIPv6Address", "LinkLocalIPv6PrefixLen", "MacAddress", "PortMapping", "SecondaryIPAddresses",
		"SecondaryIPv6Addresses",
	} {
		rules["NetworkSettings."+name] = record("the network that Docker made")
	}
	return rules
}
