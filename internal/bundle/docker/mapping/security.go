package mapping

import (
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
)

// security is what HostConfig.SecurityOpt asks for.
type security struct {
	apparmor        string
	seccomp         string // a profile, "unconfined", "builtin" or "" for nothing
	seccompField    string
	systemPaths     bool // no masked and read-only paths
	writableCgroups bool
}

// securityOptions reads options as NAME[=VALUE]; Docker before 1.11 wrote a colon.
func (m *mapper) securityOptions() error {
	for i, option := range m.HostConfig.SecurityOpt {
		field := report.At("HostConfig.SecurityOpt", i)
		name, value, given := strings.Cut(option, "=")
		if !given {
			name, value, given = strings.Cut(option, ":")
		}
		if err := m.securityOption(field, name, value, given); err != nil {
			return err
		}
	}
	return nil
}

func (m *mapper) securityOption(field, name, value string, given bool) (err error) {
	switch name {
	case "no-new-privileges":
		m.spec.Process.NoNewPrivileges, err = truth(field, value, given)
		m.notes.Mapped(field, "", "/process/noNewPrivileges")
		if !m.spec.Process.NoNewPrivileges {
			m.notes.Default(field, "")
		}
	case "writable-cgroups":
		m.security.writableCgroups, err = truth(field, value, given)
		m.notes.Mapped(field, "", "/mounts?destination=/sys/fs/cgroup")
	case "label":
		switch {
		case m.ProcessLabel == "" && m.MountLabel == "":
			m.notes.Default(field, "it made no label")
		case !m.Facts.SELinux:
			m.notes.Lost(field, "SELinux is not in force on this machine")
		default:
			m.notes.Mapped(field, "in ProcessLabel and MountLabel", "/process/selinuxLabel", "/linux/mountLabel")
		}
	case "apparmor":
		m.security.apparmor = value
		m.notes.Mapped(field, "", "/process/apparmorProfile")
	case "seccomp":
		m.security.seccomp, m.security.seccompField = value, field
		m.notes.Mapped(field, "", "/linux/seccomp")
	case "systempaths":
		if value != "unconfined" {
			return bad(field, value, "systempaths takes unconfined")
		}
		m.security.systemPaths = true
		m.notes.Default(field, "nothing is masked, nothing read-only")
	default:
		return bad(field, name, "it is no option of Docker for Linux; those are apparmor, label, no-new-privileges, "+
			"seccomp, systempaths, writable-cgroups")
	}
	return err
}

// truth reads the value of a switch, which is on when it has none.
func truth(field, value string, given bool) (bool, error) {
	if !given {
		return true, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, bad(field, value, "want true or false")
	}
	return on, nil
}

// labels are those of AppArmor and SELinux.
func (m *mapper) labels() {
	m.appArmor()
	for _, l := range []struct {
		field, value string
		to           *string
	}{
		{"ProcessLabel", m.ProcessLabel, &m.spec.Process.SelinuxLabel},
		{"MountLabel", m.MountLabel, &m.linux.MountLabel},
	} {
		if l.value != "" && !m.Facts.SELinux {
			m.notes.Lost(l.field, "SELinux is not in force on this machine")
			continue
		}
		*l.to = l.value
	}
}

// appArmor is what SecurityOpt says, or what the daemon made of it, or Docker's default.
func (m *mapper) appArmor() {
	profile := m.security.apparmor
	if profile == "" {
		profile = m.AppArmorProfile
	}
	if !m.Facts.AppArmor {
		if profile != "" && profile != "unconfined" {
			const why = "AppArmor is not in force on this machine"
			m.notes.Lost("AppArmorProfile", why)
			for i, option := range m.HostConfig.SecurityOpt {
				if strings.HasPrefix(option, "apparmor") {
					m.notes.Lost(report.At("HostConfig.SecurityOpt", i), why)
				}
			}
		}
		return
	}
	if profile == "" {
		profile = "docker-default"
		if m.HostConfig.Privileged {
			profile = "unconfined"
		}
		m.notes.Mapped("AppArmorProfile", "Docker's default, which dockerd loads", "/process/apparmorProfile")
	}
	m.spec.Process.ApparmorProfile = profile
}
