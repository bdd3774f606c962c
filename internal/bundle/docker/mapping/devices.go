package mapping

import (
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/moby/api/types/container"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// devices are those that the container sees, and the rules of its cgroup.
func (m *mapper) devices() error {
	rules := &m.linux.Resources.Devices
	if m.HostConfig.Privileged {
		return m.privilegedDevices()
	}
	*rules = []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}
	for _, n := range [][2]int64{{1, 3}, {1, 5}, {1, 8}, {1, 9}, {5, 0}, {5, 1}} { // null zero random urandom tty console
		*rules = append(*rules, specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &n[0], Minor: &n[1], Access: "rwm"})
	}
	for i, d := range m.HostConfig.Devices {
		if err := m.device(report.At("HostConfig.Devices", i), d); err != nil {
			return err
		}
	}
	for i, text := range m.HostConfig.DeviceCgroupRules {
		field := report.At("HostConfig.DeviceCgroupRules", i)
		rule, err := deviceRule(field, text)
		if err != nil {
			return err
		}
		m.notes.Mapped(field, "", "/linux/resources/devices/"+strconv.Itoa(len(*rules)))
		*rules = append(*rules, rule)
	}
	return nil
}

// privilegedDevices are the host's, then those that were asked for, which may have other names. All may be used, whatever
// the rules say.
func (m *mapper) privilegedDevices() error {
	if err := m.allDevices(); err != nil {
		return err
	}
	for i, d := range m.HostConfig.Devices {
		if err := m.device(report.At("HostConfig.Devices", i), d); err != nil {
			return err
		}
	}
	m.linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
	if len(m.HostConfig.DeviceCgroupRules) > 0 {
		m.notes.Default("HostConfig.DeviceCgroupRules", "Privileged: all devices may be used")
	}
	return nil
}

// allDevices are the host's, but for terminals and what /dev has a mount for.
func (m *mapper) allDevices() error {
	found, err := m.Lookup.Devices("/dev")
	if err != nil {
		return bad("HostConfig.Privileged", true, "%w", err)
	}
	for _, d := range found {
		top, _, below := strings.Cut(strings.TrimPrefix(d.Path, "/dev/"), "/")
		switch top {
		case "pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev":
			if below {
				continue
			}
		case "console":
			continue
		}
		m.addDevice(d, d.Path)
	}
	return nil
}

// device is one that was asked for, or all in a directory.
func (m *mapper) device(field string, asked container.DeviceMapping) error {
	found, err := m.Lookup.Devices(asked.PathOnHost)
	if err != nil {
		return bad(field+".PathOnHost", asked.PathOnHost, "%w", err)
	}
	inside := asked.PathInContainer
	if inside == "" {
		inside = asked.PathOnHost
	}
	access := asked.CgroupPermissions
	if access == "" {
		access = "rwm"
	}
	if strings.Trim(access, "rwm") != "" {
		return bad(field+".CgroupPermissions", access, "want some of r, w and m")
	}
	if len(found) == 0 {
		return bad(field+".PathOnHost", asked.PathOnHost, "there is no device in the directory")
	}
	for _, d := range found {
		where := m.addDevice(d, path.Join(inside, strings.TrimPrefix(d.Path, asked.PathOnHost)))
		m.notes.Mapped(field, "", where, "/linux/resources/devices")
		m.linux.Resources.Devices = append(m.linux.Resources.Devices, specs.LinuxDeviceCgroup{
			Allow: true, Type: d.Type, Major: &d.Major, Minor: &d.Minor, Access: access,
		})
	}
	return nil
}

// addDevice makes a node in the container, and returns where the config has it; the last one of a path is the one that is
// made. In a user namespace nobody makes nodes: a runtime binds the host's of the same path, so that another one is a mount.
func (m *mapper) addDevice(d Device, inside string) (where string) {
	mode := os.FileMode(d.Mode)
	made := specs.LinuxDevice{Path: inside, Type: d.Type, Major: d.Major, Minor: d.Minor, FileMode: &mode, UID: &d.UID, GID: &d.GID}
	if !m.Userns.Empty() { // the host's owners are nobody there
		made.UID, made.GID = nil, nil
		if inside != d.Path && !m.mounted("/dev") { // in a /dev of the host, a runtime makes nothing
			m.spec.Mounts = append(m.spec.Mounts, specs.Mount{Destination: inside, Type: "bind", Source: d.Path,
				Options: m.locked(d.Path, []string{"bind", "rprivate"})})
			return "/mounts?destination=" + inside
		}
	}
	where = "/linux/devices?path=" + inside
	for i := range m.linux.Devices {
		if m.linux.Devices[i].Path == inside {
			m.linux.Devices[i] = made
			return where
		}
	}
	m.linux.Devices = append(m.linux.Devices, made)
	return where
}

// deviceRule reads TYPE MAJOR:MINOR ACCESS, as "c 1:* rwm" (Docker's option --device-cgroup-rule).
func deviceRule(field, text string) (rule specs.LinuxDeviceCgroup, err error) {
	parts := strings.Split(text, " ")
	if len(parts) != 3 {
		return rule, bad(field, text, "want TYPE MAJOR:MINOR ACCESS, as c 1:* rwm")
	}
	if rule.Type = parts[0]; rule.Type != "a" && rule.Type != "b" && rule.Type != "c" {
		return rule, bad(field, text, "type %q: want a, b or c", parts[0])
	}
	major, minor, ok := strings.Cut(parts[1], ":")
	if !ok {
		return rule, bad(field, text, "number %q: want MAJOR:MINOR", parts[1])
	}
	if rule.Major, err = deviceNumber(major); err != nil {
		return rule, bad(field, text, "major: %w", err)
	}
	if rule.Minor, err = deviceNumber(minor); err != nil {
		return rule, bad(field, text, "minor: %w", err)
	}
	rule.Allow, rule.Access = true, parts[2]
	if n := len(rule.Access); n < 1 || n > 3 || strings.Trim(rule.Access, "rwm") != "" {
		return rule, bad(field, text, "access %q: want some of r, w and m", parts[2])
	}
	return rule, nil
}

// deviceNumber is a number, or nil for all.
func deviceNumber(text string) (*int64, error) {
	if text == "*" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return nil, err
	}
	number := int64(n)
	return &number, nil
}
