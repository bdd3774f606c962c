package systemd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

// scopeProperties are those that a scope is made with. What the config says comes last, and so prevails.
func (g *Group) scopeProperties() ([]wire.Property, error) {
	list := []wire.Property{
		{Name: "Description", Kind: wire.Text, Value: g.description},
		{Name: "Slice", Kind: wire.Text, Value: g.unit.Slice},
		{Name: "Delegate", Kind: wire.Bool, Value: "true"},
		{Name: "PIDs", Kind: wire.Pids},
		// Without it every scope would wait for the machine's start, and end before everything else at its end.
		{Name: "DefaultDependencies", Kind: wire.Bool, Value: "false"},
		// A scope that ended badly is nobody's to look at: the container's state tells.
		{Name: "CollectMode", Kind: wire.Text, Value: "inactive-or-failed"},
		{Name: "MemoryAccounting", Kind: wire.Bool, Value: "true"},
		{Name: "CPUAccounting", Kind: wire.Bool, Value: "true"},
		{Name: "IOAccounting", Kind: wire.Bool, Value: "true"},
		{Name: "TasksAccounting", Kind: wire.Bool, Value: "true"},
	}
	if g.oomGroup {
		list = append(list, wire.Property{Name: "OOMPolicy", Kind: wire.Text, Value: "kill"})
	}
	if g.onV1() {
		policy, err := devrules.Container(g.devices)
		if err != nil {
			return nil, err
		}
		properties, unsaid := deviceProperties(policy)
		if len(unsaid) > 0 && g.warnings != nil {
			g.warnings(fmt.Sprintf("linux.resources.devices: %s: in force until systemd is loaded again, which knows no such rule", strings.Join(unsaid, ", ")))
		}
		list = append(list, properties...)
	}
	for _, name := range slices.Sorted(maps.Keys(g.properties)) {
		list = append(list, wire.Property{Name: name, Kind: wire.GVariant, Value: g.properties[name]})
	}
	return list, nil
}
