package network

import (
	"maps"
	"os"
	"slices"

	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Apply gives the network to the config of an image, whose ids are mapped so.
func (c Choice) Apply(s *specs.Spec, ids userns.Range) {
	switch c.Mode {
	case None:
		unshare(s)
	case Host:
		share(s)
		for _, name := range []string{ResolvConf, Hosts} {
			if info, err := os.Stat("/etc/" + name); err == nil && info.Mode().IsRegular() {
				s.Mounts = append(s.Mounts, Mount("/etc/"+name, name, "ro")) // it is the host's own
			}
		}
	case Netns, CNI:
		unshare(s)
		if s.Linux.Sysctl == nil {
			s.Linux.Sysctl = map[string]string{}
		}
		maps.Copy(s.Linux.Sysctl, Sysctls(ids))
		c.Hooks(s, "", Names{Resolver: &resolv.Conf{Servers: c.DNS}, Hostnames: []string{s.Hostname}})
		s.Mounts = append(s.Mounts, Mount(ResolvConf, ResolvConf), Mount(Hosts, Hosts))
	}
}

func isNetwork(ns specs.LinuxNamespace) bool { return ns.Type == specs.NetworkNamespace }

func unshare(s *specs.Spec) {
	if !slices.ContainsFunc(s.Linux.Namespaces, isNetwork) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.NetworkNamespace})
	}
}

// share takes the network namespace away. A user namespace that does not own the network cannot mount a new sysfs (sysfs(5)).
func share(s *specs.Spec) {
	s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, isNetwork)
	if len(s.Linux.UIDMappings) == 0 {
		return
	}
	for i := range s.Mounts {
		if m := &s.Mounts[i]; m.Type == "sysfs" {
			m.Type, m.Source, m.Options = "none", "/sys", append([]string{"rbind"}, m.Options...)
		}
	}
}
