package mapping

import (
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// network is what the container's network is, and what was asked of Docker's networks that no other one has.
func (m *mapper) network() error {
	m.endpoints()
	return m.networkNamespace()
}

// endpoints notes what was asked of each network: addresses, names, options.
func (m *mapper) endpoints() {
	if m.NetworkSettings == nil {
		return
	}
	for name, e := range m.NetworkSettings.Networks {
		if e == nil {
			continue
		}
		asked := e.IPAMConfig != nil && (e.IPAMConfig.IPv4Address.IsValid() || e.IPAMConfig.IPv6Address.IsValid() || len(e.IPAMConfig.LinkLocalIPs) > 0)
		named := slices.ContainsFunc(e.Aliases, func(alias string) bool { return alias == "" || !strings.HasPrefix(m.ID, alias) })
		if asked || named || len(e.Links) > 0 || len(e.DriverOpts) > 0 || e.GwPriority != 0 {
			m.notes.Lost(report.Member("NetworkSettings.Networks", name), "addresses, names and options that were asked of Docker's network")
		}
	}
}

const modeField = "HostConfig.NetworkMode"

// networkNamespace is the namespace of the network, and the hooks that furnish it.
func (m *mapper) networkNamespace() error {
	mode := m.HostConfig.NetworkMode
	switch m.Network.Mode {
	case network.Host:
		m.notes.Mapped(modeField, "the host's, as --network says", "/linux/namespaces")
		return nil
	case network.None:
		m.unshare(specs.NetworkNamespace)
		m.notes.Mapped(modeField, "without an interface, as --network says", "/linux/namespaces?type=network")
		return nil
	case network.Netns, network.CNI:
		m.unshare(specs.NetworkNamespace)
		m.notes.Mapped(modeField, "as --network says", "/linux/namespaces?type=network", "/hooks")
		m.networkHooks()
		return nil
	}
	switch {
	case mode.IsContainer():
		return m.join(modeField, mode.ConnectedContainer(), specs.NetworkNamespace)
	case mode.IsHost():
		m.notes.Mapped(modeField, "the host's", "/linux/namespaces")
	case mode.IsNone(), m.Config.NetworkDisabled:
		m.unshare(specs.NetworkNamespace)
	default:
		m.unshare(specs.NetworkNamespace)
		m.notes.Lost(modeField, "the network namespace has no interface: --network netns gives it one")
	}
	return nil
}

// ownNetwork says whether the container has a network namespace that no other one uses.
func (m *mapper) ownNetwork() bool {
	return slices.ContainsFunc(m.linux.Namespaces, func(ns specs.LinuxNamespace) bool {
		return ns.Type == specs.NetworkNamespace && ns.Path == ""
	})
}

// sharesHostNetwork says whether it has none at all.
func (m *mapper) sharesHostNetwork() bool {
	return !slices.ContainsFunc(m.linux.Namespaces, func(ns specs.LinuxNamespace) bool { return ns.Type == specs.NetworkNamespace })
}

// dockersResolver says whether a resolv.conf names the name server that dockerd runs in networks that people made.
func (m *mapper) dockersResolver() bool {
	return m.HostConfig.NetworkMode.IsUserDefined()
}
