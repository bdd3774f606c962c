package mapping

import (
	"slices"

	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
)

// embedded is where dockerd answers in networks that people made, by rules in the container's network namespace.
const embedded = "127.0.0.11"

const (
	resolvField = "ResolvConfPath"
	hostsField  = "HostsPath"
)

// names are the files of names that hooks write, where Docker's own cannot serve in the network that they make.
func (m *mapper) names() (n network.Names) {
	const path, hosts = "/etc/" + network.ResolvConf, "/etc/" + network.Hosts
	if why := m.resolverFails(); why != "" && !m.mounted(path) {
		n.Resolver = &resolv.Conf{Servers: m.Network.DNS, Search: m.HostConfig.DNSSearch, Options: m.HostConfig.DNSOptions}
		if len(n.Resolver.Servers) == 0 {
			for _, a := range m.HostConfig.DNS {
				n.Resolver.Servers = append(n.Resolver.Servers, a.String())
			}
		}
		m.resolver(why, "/mounts?destination="+path)
	}
	if m.Config.Hostname != "" && !m.mounted(hosts) {
		n.Hostnames = []string{m.Config.Hostname}
		if m.Config.Domainname != "" {
			n.Hostnames = []string{m.Config.Hostname + "." + m.Config.Domainname, m.Config.Hostname}
		}
		for i, text := range m.HostConfig.ExtraHosts {
			if _, err := resolv.ParseEntry(text); err != nil {
				m.notes.Lost(report.At("HostConfig.ExtraHosts", i), "it is no NAME:ADDRESS")
				continue
			}
			n.Hosts = append(n.Hosts, text)
		}
		m.notes.Mapped(hostsField, "the hook writes another one, with the address that the container gets", "/mounts?destination="+hosts)
	}
	return n
}

// resolver notes what becomes of Docker's resolv.conf, when it is not for that reason.
func (m *mapper) resolver(why, where string) {
	for field, set := range map[string]bool{"HostConfig.Dns": len(m.HostConfig.DNS) > 0, "HostConfig.DnsSearch": len(m.HostConfig.DNSSearch) > 0,
		"HostConfig.DnsOptions": len(m.HostConfig.DNSOptions) > 0} {
		switch {
		case !set:
		case field == "HostConfig.Dns" && len(m.Network.DNS) > 0:
			m.notes.Default(field, "--dns is in its place")
		default:
			m.notes.Mapped(field, "", where, hookArgs)
		}
	}
	if m.ResolvConfPath == "" {
		return
	}
	if why == embedded {
		m.notes.Lost(resolvField, "dockerd answers at "+embedded+" in its own networks only, where it knows other containers by name: "+
			"the name servers are those of Dns or --dns, or else the host's")
		return
	}
	m.notes.Mapped(resolvField, why+": the hook writes another one", where)
}

// resolverFails says why Docker's resolv.conf is of no use in a network of the container's own, or "".
func (m *mapper) resolverFails() string {
	has := m.Lookup.NameServers(m.ResolvConfPath)
	switch {
	case slices.Contains(has, embedded), len(has) == 0 && m.dockersResolver():
		return embedded
	case len(m.Network.DNS) > 0:
		return "--dns is in its place"
	case !m.Lookup.Exists(m.ResolvConfPath):
		return "it is not on this machine"
	case len(resolv.Reachable(has, true)) == 0:
		return "it names no server that is reached from a network of the container's own"
	}
	return ""
}
