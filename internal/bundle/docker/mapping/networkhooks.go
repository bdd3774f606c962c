package mapping

import (
	"slices"
	"strings"

	"github.com/moby/moby/api/types/network"
)

// networkHooks have creel-netns make the network before the root filesystem is entered, and take it away at the end.
func (m *mapper) networkHooks() {
	mac := m.hardwareAddress()
	if mac != "" {
		m.notes.Mapped("Config.MacAddress", "", hookArgs)
	}
	choice := m.Network
	choice.Publish = append(m.published(), choice.Publish...)
	m.written = m.names()
	choice.Hooks(m.spec, mac, m.written)
}

const hookArgs = "/hooks/createRuntime/0/args"

// published are the ports, as [ADDRESS:]HOST:CONTAINER/PROTOCOL, in order. A port that Docker chose is known while the
// container runs.
func (m *mapper) published() (ports []string) {
	const field = "HostConfig.PortBindings"
	bindings := m.HostConfig.PortBindings
	if m.HostConfig.PublishAllPorts && m.NetworkSettings != nil && len(m.NetworkSettings.Ports) > 0 {
		bindings = m.NetworkSettings.Ports
		m.notes.Mapped("HostConfig.PublishAllPorts", "the ports that Docker chose", hookArgs)
	}
	if len(bindings) > 0 {
		m.notes.Mapped(field, "", hookArgs)
	}
	for port, all := range bindings {
		for i, b := range all {
			host := b.HostPort
			if host == "" || host == "0" || strings.Contains(host, "-") { // any port, or any of a range
				host = m.chosen(port, i)
			}
			if host == "" {
				m.notes.Lost(field, "Docker chooses a port of the host when it starts the container; none is in NetworkSettings")
				continue
			}
			address := ""
			switch {
			case b.HostIP.Is6():
				address = "[" + b.HostIP.String() + "]:"
			case b.HostIP.IsValid():
				address = b.HostIP.String() + ":"
			}
			ports = append(ports, address+host+":"+port.String())
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// chosen is the port that Docker chose for a binding, "" if none is known.
func (m *mapper) chosen(port network.Port, i int) string {
	if m.NetworkSettings == nil {
		return ""
	}
	if now := m.NetworkSettings.Ports[port]; i < len(now) {
		return now[i].HostPort
	}
	return ""
}

// hardwareAddress is one that was asked for, a field that the API lost with version 1.52.
func (m *mapper) hardwareAddress() string {
	config, _ := m.Fields["Config"].(map[string]any)
	mac, _ := config["MacAddress"].(string)
	return mac
}
