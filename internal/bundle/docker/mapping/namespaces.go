package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// namespaces are all but those of the network and of users.
func (m *mapper) namespaces() error {
	m.unshare(specs.MountNamespace)
	if !m.HostConfig.UTSMode.IsHost() {
		m.unshare(specs.UTSNamespace)
	} else {
		m.notes.Mapped("HostConfig.UTSMode", "the host's", "/linux/namespaces")
	}
	if err := m.pid(); err != nil {
		return err
	}
	if err := m.ipc(); err != nil {
		return err
	}
	m.cgroupNamespace()
	if m.Facts.TimeNamespaces {
		m.unshare(specs.TimeNamespace)
	}
	return nil
}

func (m *mapper) unshare(kind specs.LinuxNamespaceType) {
	m.linux.Namespaces = append(m.linux.Namespaces, specs.LinuxNamespace{Type: kind})
}

func (m *mapper) pid() error {
	mode := m.HostConfig.PidMode
	switch {
	case mode.IsContainer():
		return m.join("HostConfig.PidMode", mode.Container(), specs.PIDNamespace)
	case mode.IsHost():
		m.notes.Mapped("HostConfig.PidMode", "the host's", "/linux/namespaces")
	case mode == "" || mode == "private":
		m.unshare(specs.PIDNamespace)
	default:
		return bad("HostConfig.PidMode", string(mode), "want host, container:NAME or nothing")
	}
	return nil
}

func (m *mapper) ipc() error {
	const field = "HostConfig.IpcMode"
	mode := m.HostConfig.IpcMode
	switch {
	case mode.IsContainer():
		return m.join(field, mode.Container(), specs.IPCNamespace)
	case mode.IsHost():
		m.notes.Mapped(field, "the host's", "/linux/namespaces")
		return nil
	case mode == "" || mode == container.IPCModePrivate || mode == container.IPCModeNone:
	case mode == container.IPCModeShareable:
		m.notes.Mapped(field, "its /dev/shm is its own: a container that joins the namespace does not get it", "/linux/namespaces?type=ipc")
	default:
		return bad(field, string(mode), "want host, container:NAME, none, private, shareable or nothing")
	}
	m.unshare(specs.IPCNamespace)
	return nil
}

// cgroupNamespace is private on version 2 and the host's on version 1, where nothing is said.
func (m *mapper) cgroupNamespace() {
	mode := m.HostConfig.CgroupnsMode
	switch {
	case mode.IsPrivate(), mode.IsEmpty() && m.Facts.CgroupV2 && !m.HostConfig.Privileged:
		m.unshare(specs.CgroupNamespace)
	case mode.IsHost():
		m.notes.Mapped("HostConfig.CgroupnsMode", "the host's", "/linux/namespaces")
	}
}

// userNamespace is a new one, or that of the container whose other namespaces are joined: it has the say in them.
func (m *mapper) userNamespace() error {
	const field = "HostConfig.UsernsMode"
	if m.Userns.Empty() {
		if first := m.remapped(); first != "" && !m.HostConfig.UsernsMode.IsHost() {
			m.notes.Lost(field, "dockerd maps ids from "+first+" on, which --userns "+first+":65536 does, too")
		}
		return nil
	}
	if m.HostConfig.Privileged {
		return bad("HostConfig.Privileged", true, "--userns %s: all rights are the host's, not those of a user namespace", m.Userns)
	}
	if m.joined == 0 {
		m.unshare(specs.UserNamespace)
		m.linux.UIDMappings, m.linux.GIDMappings = m.Userns.Mappings(), m.Userns.Mappings()
		m.notes.Mapped(field, "as --userns says", "/linux/namespaces?type=user", "/linux/uidMappings")
		return nil
	}
	own, err := m.Lookup.OwnUserNamespace(m.joined)
	if err == nil && own {
		err = fmt.Errorf("process %d, whose namespaces are joined, has the host's user namespace", m.joined)
	}
	if err != nil {
		return fmt.Errorf("--userns %s: %w", m.Userns, err)
	}
	m.linux.Namespaces = append(m.linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace, Path: procPath(m.joined, specs.UserNamespace)})
	m.notes.Mapped(field, fmt.Sprintf("that of process %d, whose namespaces are joined", m.joined), "/linux/namespaces?type=user")
	return nil
}

// remapped is the first id of a daemon that has one user namespace for all containers (userns-remap): it keeps their
// files below a directory UID.GID.
func (m *mapper) remapped() string {
	for dir := range strings.SplitSeq(m.ResolvConfPath, "/") {
		uid, gid, ok := strings.Cut(dir, ".")
		if n, err := strconv.ParseUint(uid, 10, 32); ok && err == nil && n > 0 {
			if _, err := strconv.ParseUint(gid, 10, 32); err == nil {
				return uid
			}
		}
	}
	return ""
}

// join enters a namespace of another container.
func (m *mapper) join(field, name string, kind specs.LinuxNamespaceType) error {
	pid, err := m.Lookup.Process(name)
	if err != nil {
		return bad(field, "container:"+name, "%w", err)
	}
	m.joined = pid
	m.linux.Namespaces = append(m.linux.Namespaces, specs.LinuxNamespace{Type: kind, Path: procPath(pid, kind)})
	m.notes.Mapped(field, fmt.Sprintf("as long as process %d lives", pid), "/linux/namespaces?type="+string(kind))
	return nil
}

// procPath is where proc_pid_ns(5) shows a namespace.
func procPath(pid int, kind specs.LinuxNamespaceType) string {
	file := string(kind)
	switch kind {
	case specs.NetworkNamespace:
		file = "net"
	case specs.MountNamespace:
		file = "mnt"
	}
	return fmt.Sprintf("/proc/%d/ns/%s", pid, file)
}
