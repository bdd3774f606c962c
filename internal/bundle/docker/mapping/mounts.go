package mapping

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/moby/moby/api/types/container"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// mounts are Docker's own, without those that the container's hide, then the container's, the shallow ones first.
func (m *mapper) mounts() error {
	own, err := m.ownMounts()
	if err != nil {
		return err
	}
	mounts := m.fileMounts()
	for _, more := range []func() ([]specs.Mount, error){m.volumes, m.tmpfs} {
		list, err := more()
		if err != nil {
			return err
		}
		mounts = append(mounts, list...)
	}
	if len(m.spec.Process.Args) > 0 && m.spec.Process.Args[0] == report.Init {
		mounts = append(mounts, specs.Mount{Destination: report.Init, Type: "bind", Source: m.Facts.Init,
			Options: []string{"bind", "ro", "rprivate"}})
	}
	slices.SortStableFunc(mounts, func(a, b specs.Mount) int { return cmp.Compare(depth(a.Destination), depth(b.Destination)) })
	own = slices.DeleteFunc(own, func(o specs.Mount) bool { return hidden(o.Destination, mounts) })
	m.spec.Mounts = append(own, mounts...)
	if m.IDMappedRoot {
		m.spec.Mounts = slices.Insert(m.spec.Mounts, 0,
			specs.Mount{Destination: "/", Type: "bind", Source: m.Root, Options: []string{"bind", "idmap"}})
	}
	return nil
}

func depth(dir string) int {
	if dir = path.Clean(dir); dir != "/" {
		return strings.Count(dir, "/")
	}
	return 0
}

// hidden says whether one of the mounts is in the place of dir, or is a /dev that hides it.
func hidden(dir string, mounts []specs.Mount) bool {
	return slices.ContainsFunc(mounts, func(m specs.Mount) bool {
		return m.Destination == dir || m.Destination == "/dev" && strings.HasPrefix(dir, "/dev/")
	})
}

// queues is where message queues are mounted (mq_overview(7)).
const queues = "/dev/mqueue"

// ownMounts are those that Docker makes for every container.
func (m *mapper) ownMounts() ([]specs.Mount, error) {
	mounts := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts",
			Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
		m.sysfs(),
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup",
			Options: []string{m.access(m.HostConfig.Privileged || m.security.writableCgroups), "nosuid", "noexec", "nodev"}},
		{Destination: queues, Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
	}
	if !m.Userns.Empty() && m.Userns.Length <= 5 {
		mounts[2].Options = mounts[2].Options[:5] // group 5 is not mapped
	}
	if !m.Userns.Empty() && m.HostConfig.IpcMode.IsHost() && !m.Lookup.Exists(queues) {
		mounts = mounts[:len(mounts)-1] // the host's can only be bound there
	}
	shm, err := m.shm()
	if err != nil {
		return nil, err
	}
	return append(mounts, shm...), nil
}

// access is the option of what a privileged container may write to, unless its root filesystem is read-only.
func (m *mapper) access(writable bool) string {
	if writable && !m.HostConfig.ReadonlyRootfs {
		return "rw"
	}
	return "ro"
}

// sysfs cannot be mounted anew in a user namespace that does not own the network (sysfs(5)). What is mounted below the
// host's is not to appear there, which a root with shared propagation would see to.
func (m *mapper) sysfs() specs.Mount {
	options := []string{"nosuid", "noexec", "nodev", m.access(m.HostConfig.Privileged)}
	if !m.Userns.Empty() && m.sharesHostNetwork() {
		return specs.Mount{Destination: "/sys", Type: "none", Source: "/sys", Options: append([]string{"rbind", "rslave"}, options...)}
	}
	return specs.Mount{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: options}
}

// shm is /dev/shm: a new one, or that of who shares the IPC namespace.
func (m *mapper) shm() ([]specs.Mount, error) {
	const dir = "/dev/shm"
	mode := m.HostConfig.IpcMode
	switch {
	case mode == container.IPCModeNone:
		if m.HostConfig.ShmSize != 0 {
			m.notes.Default("HostConfig.ShmSize", "IpcMode none: there is no /dev/shm")
		}
		return nil, nil
	case mode.IsHost():
		return m.sharedMemory(dir), nil
	case mode.IsContainer():
		source, err := m.othersMemory(mode.Container())
		if source != "" || err != nil {
			return m.sharedMemory(source), err
		}
	}
	options := []string{"nosuid", "noexec", "nodev", "mode=1777"}
	if size := m.HostConfig.ShmSize; size < 0 {
		return nil, bad("HostConfig.ShmSize", size, "it is negative")
	} else if size > 0 {
		options = append(options, "size="+strconv.FormatInt(size, 10))
	}
	return []specs.Mount{{Destination: dir, Type: "tmpfs", Source: "shm", Options: options}}, nil
}

// sharedMemory binds the host's or another container's.
func (m *mapper) sharedMemory(source string) []specs.Mount {
	if m.HostConfig.ShmSize != 0 {
		m.notes.Default("HostConfig.ShmSize", "it is as large as that of who shares it")
	}
	return []specs.Mount{{Destination: "/dev/shm", Type: "bind", Source: source, Options: []string{"bind", "rprivate"}}}
}

// othersMemory is where the host has the /dev/shm of another container, "" if nowhere: only that of a container of Docker's
// that is shareable is mounted there.
func (m *mapper) othersMemory(name string) (string, error) {
	const field = "HostConfig.IpcMode"
	pid, err := m.Lookup.Process(name)
	if err != nil {
		return "", bad(field, "container:"+name, "%w", err)
	}
	source, err := m.Lookup.SharedMemory(pid)
	if err != nil {
		m.notes.Lost(field, "the namespace is the other container's, but not its /dev/shm: "+err.Error())
		return "", nil
	}
	return source, nil
}

// fileMounts are the three files of /etc that Docker keeps beside a container.
func (m *mapper) fileMounts() (mounts []specs.Mount) {
	options := []string{"rbind", "rprivate"}
	if m.HostConfig.ReadonlyRootfs {
		options = append(options, "ro")
	}
	for _, f := range []struct{ field, source, destination string }{
		{resolvField, m.ResolvConfPath, "/etc/resolv.conf"},
		{"HostnamePath", m.HostnamePath, "/etc/hostname"},
		{hostsField, m.HostsPath, "/etc/hosts"},
	} {
		where := "/mounts?destination=" + f.destination
		name := path.Base(f.destination)
		switch {
		case m.written.Has(name):
			mounts = append(mounts, network.Mount(name, name, options[2:]...))
		case name == network.ResolvConf && m.Network.Mode == network.Host && !m.mounted(f.destination) && m.resolverFails() == embedded:
			mounts = append(mounts, network.Mount("/etc/"+name, name, "ro"))
			m.notes.Lost(f.field, "dockerd answers at "+embedded+" in its own networks only: the host's file is in its place")
		case f.source == "":
		case m.mounted(f.destination):
			m.notes.Mapped(f.field, "a mount of the container's own is in its place", where)
		case !m.Lookup.Exists(f.source):
			m.notes.Lost(f.field, "the file is not on this machine")
		default:
			mounts = append(mounts, specs.Mount{Destination: f.destination, Type: "bind", Source: f.source,
				Options: m.owners(f.field, f.source, m.locked(f.source, slices.Clone(options)))})
			if f.field == resolvField && m.dockersResolver() && !m.Network.Hooked() {
				m.notes.Mapped(f.field, "it may name "+embedded+", where dockerd answers in its own networks only", where)
			}
		}
	}
	return mounts
}

// mounted says whether the description has a mount in a place.
func (m *mapper) mounted(destination string) bool {
	return slices.ContainsFunc(m.Mounts, func(p container.MountPoint) bool { return path.Clean(p.Destination) == destination })
}

// locked adds the options that a user namespace cannot take away from a mount of the host.
func (m *mapper) locked(source string, options []string) []string {
	if m.Userns.Empty() {
		return options
	}
	for _, o := range m.Lookup.LockedOptions(source) {
		if !slices.Contains(options, o) {
			options = append(options, o)
		}
	}
	return options
}
