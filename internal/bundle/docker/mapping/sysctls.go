package mapping

import (
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/network"
)

// sysctls are those of the container, and those that let it use low ports and ping in a network of its own.
func (m *mapper) sysctls() error {
	values := map[string]string{}
	if m.ownNetwork() {
		values = network.Sysctls(m.Userns)
	}
	for name, value := range m.HostConfig.Sysctls {
		field := report.Member("HostConfig.Sysctls", name)
		// net/ipv4/ip_forward is another way to write it
		if dotted := strings.ReplaceAll(name, "/", "."); strings.HasPrefix(dotted, "net.") && m.sharesHostNetwork() {
			m.notes.Lost(field, "the network is the host's")
			continue
		}
		values[name] = value
		m.notes.Mapped(field, "", "/linux/sysctl/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	if len(values) > 0 {
		m.linux.Sysctl = values
	}
	return nil
}
