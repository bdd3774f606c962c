package mapping

import (
	"slices"
	"strings"

	"github.com/moby/moby/api/types/network"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// networkHooks have creel-netns make the network before the root filesystem is entered, and take it away at the end.
func (m *mapper) networkHooks() {
	program := m.Network.Program
	hook := []string{"creel-netns", "hook"}
	if m.Network.Mode == "cni" {
		hook = append(hook, "--cni", m.Network.CNI)
	}
	if mac := m.hardwareAddress(); mac != "" {
		hook = append(hook, "--mac", mac)
		m.notes.Mapped("Config.MacAddress", "", "/hooks/createRuntime/0/args")
	}
	ports, needs6 := m.published()
	for _, p := range ports {
		hook = append(hook, "--publish", p)
	}
	if needs6 {
		hook = append(hook, "--subnet6", "auto")
	}
	m.spec.Hooks = &specs.Hooks{
		CreateRuntime: []specs.Hook{{Path: program, Args: hook}},
		Poststop:      []specs.Hook{{Path: program, Args: []string{"creel-netns", "release"}}},
	}
}

// published are the ports, as [ADDRESS:]HOST:CONTAINER/PROTOCOL, in order. A port that Docker chose is known while the
// container runs. One on an address of IPv6 needs a container that has one, too.
func (m *mapper) published() (ports []string, needs6 bool) {
	const field = "HostConfig.PortBindings"
	bindings := m.HostConfig.PortBindings
	if m.HostConfig.PublishAllPorts && m.NetworkSettings != nil && len(m.NetworkSettings.Ports) > 0 {
		bindings = m.NetworkSettings.Ports
		m.notes.Mapped("HostConfig.PublishAllPorts", "the ports that Docker chose", "/hooks/createRuntime/0/args")
	}
	if len(bindings) > 0 {
		m.notes.Mapped(field, "", "/hooks/createRuntime/0/args")
	}
	for port, all := range bindings {
		for i, b := range all {
			host := b.HostPort
			if host == "" || host == "0" || strings.Contains(host, "-") { // of a range, Docker takes one that is free
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
				needs6 = needs6 || !b.HostIP.IsUnspecified() && !b.HostIP.IsLoopback()
			case b.HostIP.IsValid():
				address = b.HostIP.String() + ":"
			}
			ports = append(ports, address+host+":"+port.String())
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports), needs6
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
