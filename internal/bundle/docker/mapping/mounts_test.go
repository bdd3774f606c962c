package mapping

import "testing"

func TestMountsAreDockersWithThoseOfTheContainer(t *testing.T) {
	bind := func(options, propagation, more string) string {
		return `{"Mounts":[{"Type":"bind","Source":"/s","Destination":"/d",` + propagation + options + `}]` + more + `}`
	}
	made := func(options string) string {
		return `{"destination":"/d","type":"bind","source":"/s","options":[` + options + `]}`
	}
	how := func(bindOptions string) string {
		return `,"HostConfig":{"Mounts":[{"Type":"bind","Target":"/d/","BindOptions":` + bindOptions + `}]}`
	}
	rows(t, []row{
		{"a directory of the host", bind(`"RW":true`, ``, ``), "mounts?destination=/d", made(`"rbind","rprivate","rw"`), nil},
		{"read-only is so all the way down", bind(`"RW":false`, ``, ``), "mounts?destination=/d", made(`"rbind","rprivate","rro"`), nil},
		{"where the kernel can", bind(`"RW":false`, ``, ``), "mounts?destination=/d", made(`"rbind","rprivate","ro"`), old},
		{"and unless it was not asked for", bind(`"RW":false`, ``, how(`{"ReadOnlyNonRecursive":true}`)), "mounts?destination=/d", made(`"rbind","rprivate","ro"`), nil},
		{"read-only all the way down by force", bind(`"RW":false`, ``, how(`{"ReadOnlyForceRecursive":true}`)), "mounts?destination=/d", made(`"rbind","rprivate","rro"`), nil},
		{"only the mount itself", bind(`"RW":true`, ``, how(`{"NonRecursive":true}`)), "mounts?destination=/d", made(`"bind","rprivate","rw"`), nil},
		{"it propagates", bind(`"RW":true`, `"Propagation":"rshared",`, ``), "mounts?destination=/d", made(`"rbind","rshared","rw"`), nil},
		{"then the root does, too", bind(`"RW":true`, `"Propagation":"rshared",`, ``), "linux/rootfsPropagation", `"shared"`, nil},
		{"a slave makes it one", bind(`"RW":true`, `"Propagation":"slave",`, ``), "linux/rootfsPropagation", `"rslave"`, nil},
		{"a private one does not", bind(`"RW":true`, `"Propagation":"private",`, ``), "linux/rootfsPropagation", "", nil},
		{"a user namespace leaves the options that are locked, and the owners", bind(`"RW":true`, ``, ``), "mounts?destination=/d",
			made(`"rbind","rprivate","rw","nodev","ro","ridmap"`), mapped(100000, 65536)},
		{"the owners of one mount", bind(`"RW":true`, ``, how(`{"NonRecursive":true}`)), "mounts?destination=/d",
			made(`"bind","rprivate","rw","nodev","ro","idmap"`), mapped(100000, 65536)},
		{"owners where the file system cannot map them", `{"Mounts":[{"Type":"bind","Source":"/fuse","Destination":"/d","RW":true}]}`, "mounts?destination=/d",
			`{"destination":"/d","type":"bind","source":"/fuse","options":["rbind","rprivate","rw","nodev","ro"]}`, mapped(100000, 65536)},
		{"owners that dockerd has given away already", `{"ResolvConfPath":"/d/100000.100000/r","Mounts":[{"Type":"bind","Source":"/s","Destination":"/d","RW":true}]}`,
			"mounts?destination=/d", made(`"rbind","rprivate","rw","nodev","ro"`), mapped(100000, 65536)},
		{"a root filesystem whose ids the mount maps", `{}`, "mounts?destination=/",
			`{"destination":"/","type":"bind","source":"rootfs","options":["bind","idmap"]}`, func(o *Options) {
				mapped(100000, 65536)(o)
				o.IDMappedRoot = true
			}},
		{"a volume", `{"Mounts":[{"Type":"volume","Name":"v","Source":"/v/_data","Destination":"/d","RW":true}]}`, "mounts?destination=/d",
			`{"destination":"/d","type":"bind","source":"/v/_data","options":["rbind","rprivate","rw"]}`, nil},
		{"a part of a volume", `{"Mounts":[{"Type":"volume","Source":"/v","Destination":"/d","RW":true}],
			"HostConfig":{"Mounts":[{"Type":"volume","Target":"/d","VolumeOptions":{"Subpath":"a/b"}}]}}`, "mounts?destination=/d",
			`{"destination":"/d","type":"bind","source":"/v/a/b","options":["rbind","rprivate","rw"]}`, nil},
		{"a part of an image", `{"Mounts":[{"Type":"image","Source":"/i","Destination":"/d"}],
			"HostConfig":{"Mounts":[{"Type":"image","Target":"/d","ImageOptions":{"Subpath":"a"}}]}}`, "mounts?destination=/d",
			`{"destination":"/d","type":"bind","source":"/i/a","options":["rbind","rprivate","rro"]}`, nil},
		{"a file system in memory", `{"HostConfig":{"Tmpfs":{"/t/":"size=1m,exec,mode=700,size=2m"}}}`, "mounts?destination=/t",
			`{"destination":"/t","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","exec","mode=700","size=2m"]}`, nil},
		{"one of --mount", `{"Mounts":[{"Type":"tmpfs","Destination":"/t","RW":true}],"HostConfig":{"Mounts":[{"Type":"tmpfs","Target":"/t",
			"TmpfsOptions":{"SizeBytes":4096,"Mode":1023,"Options":[["exec"],["nr_inodes","5"]]}}]}}`, "mounts?destination=/t",
			`{"destination":"/t","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","size=4096","mode=1777","exec","nr_inodes=5"]}`, nil},
		{"one that is read-only", `{"Mounts":[{"Type":"tmpfs","Destination":"/t"}]}`, "mounts?destination=/t",
			`{"destination":"/t","type":"tmpfs","source":"tmpfs","options":["noexec","nosuid","nodev","ro"]}`, nil},
		{"Docker's resolv.conf", `{"ResolvConfPath":"/r"}`, "mounts?destination=/etc/resolv.conf",
			`{"destination":"/etc/resolv.conf","type":"bind","source":"/r","options":["rbind","rprivate"]}`, nil},
		{"Docker's hosts, read-only as the root is", `{"HostsPath":"/h","HostConfig":{"ReadonlyRootfs":true}}`, "mounts?destination=/etc/hosts",
			`{"destination":"/etc/hosts","type":"bind","source":"/h","options":["rbind","rprivate","ro"]}`, nil},
		{"Docker's hostname is missing", `{"HostnamePath":"/h"}`, "mounts?destination=/etc/hostname", "", func(o *Options) { o.Lookup = fake{missing: true} }},
		{"a mount of its own is in the place of Docker's", `{"HostsPath":"/h","Mounts":[{"Type":"bind","Source":"/s","Destination":"/etc/hosts","RW":true}]}`,
			"mounts?destination=/etc/hosts", `{"destination":"/etc/hosts","type":"bind","source":"/s","options":["rbind","rprivate","rw"]}`, nil},
		{"/dev of its own hides Docker's", `{"Mounts":[{"Type":"bind","Source":"/dev","Destination":"/dev","RW":true}]}`, "mounts?destination=/dev/pts", "", nil},
	})
}

func TestFileSystemsOfTheKernelAreDockers(t *testing.T) {
	sys := func(access string) string {
		return `{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","` + access + `"]}`
	}
	cgroup := func(access string) string {
		return `{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["` + access + `","nosuid","noexec","nodev"]}`
	}
	shm := func(size string) string {
		return `{"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["nosuid","noexec","nodev","mode=1777"` + size + `]}`
	}
	rows(t, []row{
		{"/proc", `{}`, "mounts?destination=/proc", `{"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]}`, nil},
		{"/dev", `{}`, "mounts?destination=/dev", `{"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","strictatime","mode=755","size=65536k"]}`, nil},
		{"/dev/pts", `{}`, "mounts?destination=/dev/pts", `{"destination":"/dev/pts","type":"devpts","source":"devpts",
			"options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=0620","gid=5"]}`, nil},
		{"/dev/pts where group 5 is not mapped", `{}`, "mounts?destination=/dev/pts", `{"destination":"/dev/pts","type":"devpts","source":"devpts",
			"options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=0620"]}`, func(o *Options) { *o = small(*o) }},
		{"/dev/mqueue", `{}`, "mounts?destination=/dev/mqueue", `{"destination":"/dev/mqueue","type":"mqueue","source":"mqueue","options":["nosuid","noexec","nodev"]}`, nil},
		{"/sys is read-only", `{}`, "mounts?destination=/sys", sys("ro"), nil},
		{"a privileged /sys is not", `{"HostConfig":{"Privileged":true}}`, "mounts?destination=/sys", sys("rw"), nil},
		{"unless the root is", `{"HostConfig":{"Privileged":true,"ReadonlyRootfs":true}}`, "mounts?destination=/sys", sys("ro"), nil},
		{"a user namespace binds the host's network's", `{"HostConfig":{"NetworkMode":"host"}}`, "mounts?destination=/sys",
			`{"destination":"/sys","type":"none","source":"/sys","options":["rbind","rslave","nosuid","noexec","nodev","ro"]}`, mapped(100000, 65536)},
		{"cgroups are read-only", `{}`, "mounts?destination=/sys/fs/cgroup", cgroup("ro"), nil},
		{"privileged ones are not", `{"HostConfig":{"Privileged":true}}`, "mounts?destination=/sys/fs/cgroup", cgroup("rw"), nil},
		{"nor those that are to be written to", `{"HostConfig":{"SecurityOpt":["writable-cgroups"]}}`, "mounts?destination=/sys/fs/cgroup", cgroup("rw"), nil},
		{"the host's message queues in a user namespace", `{"HostConfig":{"IpcMode":"host"}}`, "mounts?destination=/dev/mqueue",
			`{"destination":"/dev/mqueue","type":"mqueue","source":"mqueue","options":["nosuid","noexec","nodev"]}`, mapped(100000, 65536)},
		{"none where the host has none", `{"HostConfig":{"IpcMode":"host"}}`, "mounts?destination=/dev/mqueue", "", func(o *Options) {
			mapped(100000, 65536)(o)
			o.Lookup = fake{missing: true}
		}},
		{"shared memory has its size", `{}`, "mounts?destination=/dev/shm", shm(`,"size=67108864"`), nil},
		{"or the kernel's", `{"HostConfig":{"ShmSize":0}}`, "mounts?destination=/dev/shm", shm(``), nil},
		{"no IPC, no shared memory", `{"HostConfig":{"IpcMode":"none"}}`, "mounts?destination=/dev/shm", "", nil},
		{"the host's", `{"HostConfig":{"IpcMode":"host"}}`, "mounts?destination=/dev/shm",
			`{"destination":"/dev/shm","type":"bind","source":"/dev/shm","options":["bind","rprivate"]}`, nil},
		{"another container's", `{"HostConfig":{"IpcMode":"container:other"}}`, "mounts?destination=/dev/shm",
			`{"destination":"/dev/shm","type":"bind","source":"/var/lib/docker/containers/other/mounts/shm","options":["bind","rprivate"]}`, nil},
		{"another container's that the host does not have", `{"HostConfig":{"IpcMode":"container:other"}}`, "mounts?destination=/dev/shm", shm(`,"size=67108864"`),
			func(o *Options) { o.Lookup = fake{missing: true} }},
	})
}

// small is with a user namespace of root only, who has no other groups.
func small(o Options) Options {
	mapped(100000, 1)(&o)
	o.Accounts = nil
	return o
}

func TestMaskedAndReadonlyPathsAreDockers(t *testing.T) {
	rows(t, []row{
		{"masked ones", `{}`, "linux/maskedPaths", `["/proc/acpi","/proc/asound","/proc/interrupts","/proc/kcore","/proc/keys","/proc/latency_stats",
			"/proc/sched_debug","/proc/scsi","/proc/timer_list","/proc/timer_stats","/sys/devices/virtual/powercap","/sys/firmware",
			"/sys/devices/system/cpu/cpu0/thermal_throttle"]`, nil},
		{"read-only ones", `{}`, "linux/readonlyPaths", `["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]`, nil},
		{"others", `{"HostConfig":{"MaskedPaths":["/m"],"ReadonlyPaths":["/r"]}}`, "linux/maskedPaths", `["/m"]`, nil},
		{"others that are read-only", `{"HostConfig":{"MaskedPaths":["/m"],"ReadonlyPaths":["/r"]}}`, "linux/readonlyPaths", `["/r"]`, nil},
		{"none, as the client says with systempaths=unconfined", `{"HostConfig":{"MaskedPaths":[],"ReadonlyPaths":[]}}`, "linux/maskedPaths", "", nil},
		{"none with the option", `{"HostConfig":{"SecurityOpt":["systempaths=unconfined"]}}`, "linux/maskedPaths", "", nil},
		{"none for privileged ones", `{"HostConfig":{"Privileged":true}}`, "linux/readonlyPaths", "", nil},
	})
}
