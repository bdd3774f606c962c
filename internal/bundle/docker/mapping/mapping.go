// Package mapping makes an OCI config of a container's description by Docker: what dockerd would have given its runtime,
// and a report of what became of each field. It changes nothing, and asks the machine through a Lookup only.
package mapping

import (
	"fmt"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/creel-project/creel/internal/bundle/user"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Options are what a description does not say.
type Options struct {
	// Root is root.path of the config.
	Root string
	// Accounts resolve the user's and the groups' names; nil if nobody could look at them.
	Accounts *user.Files
	// Userns is the user namespace, none if it is empty.
	Userns userns.Range
	// IDMappedRoot says that the root filesystem's files are not shifted to the user namespace: its mount maps their ids.
	IDMappedRoot bool
	// Network is the network, whatever the description says.
	Network network.Choice
	// Facts are of the machine.
	Facts Facts
	// Lookup looks around on it.
	Lookup Lookup
}

// mapper makes one config.
type mapper struct {
	*inspect.Document
	Options
	spec     *specs.Spec
	linux    *specs.Linux
	notes    *report.Notes
	security security
	joined   int           // a process whose namespaces are joined
	written  network.Names // files that hooks write in the bundle
}

// Map makes the config of a description, and the notes for its report. An error names the field that it is about.
func Map(d *inspect.Document, o Options) (*specs.Spec, *report.Notes, error) {
	m := &mapper{Document: d, Options: o, notes: &report.Notes{}}
	m.linux = &specs.Linux{Resources: &specs.LinuxResources{}}
	m.spec = &specs.Spec{Version: specs.Version, Process: &specs.Process{}, Linux: m.linux}
	for _, step := range []func() error{
		m.securityOptions, m.process, m.user, m.capabilities, m.limitsOfProcess, m.root,
		m.namespaces, m.network, m.userNamespace, m.mounts, m.paths, m.sysctls, m.annotations,
		m.memory, m.cpu, m.blockIO, m.cgroup, m.devices, m.seccomp, m.cdi,
	} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	return m.spec, m.notes, nil
}

// bad is an error about a field.
func bad(field string, value any, format string, args ...any) error {
	if s, ok := value.(string); ok {
		value = fmt.Sprintf("%q", s)
	}
	return fmt.Errorf("%s: %v: %w", field, value, fmt.Errorf(format, args...))
}

// root is the root filesystem, hostname and domain.
func (m *mapper) root() error {
	m.spec.Root = &specs.Root{Path: m.Root, Readonly: m.HostConfig.ReadonlyRootfs}
	if m.HostConfig.UTSMode.IsHost() {
		const why = "the host's name is the container's, which does not set it"
		m.notes.Mapped("Config.Hostname", why, "/process/env?=HOSTNAME=")
		if m.Config.Domainname != "" {
			m.notes.Lost("Config.Domainname", why)
		}
		return nil
	}
	m.spec.Hostname, m.spec.Domainname = m.Config.Hostname, m.Config.Domainname
	return nil
}
