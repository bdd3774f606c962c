package compile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
)

func (b *builder) hasNetDevices() bool {
	return b.Spec.Linux != nil && len(b.Spec.Linux.NetDevices) > 0
}

// netDevices appends the wait in which the host moves network devices into the
// namespace that init is in by now. init hands it over itself: no path to it
// could have come to mean another one.
func (b *builder) netDevices() {
	if !b.hasNetDevices() {
		return
	}
	o := b.op(plan.Open, "linux.netDevices", "open the network namespace")
	o.Src, o.Dst, o.Path = slotProc, slotTree, "self/ns/net"
	o = b.op(plan.Sync, "linux.netDevices", "wait for the network devices")
	o.Src, o.Sync = slotTree, plan.SyncNetwork
	b.close(slotTree)
}

// hostNetDevices lists the devices that are moved.
func (b *builder) hostNetDevices() {
	if !b.hasNetDevices() {
		return
	}
	devices := b.Spec.Linux.NetDevices
	for _, name := range slices.Sorted(maps.Keys(devices)) {
		to := devices[name].Name
		if to == "" {
			to = name
		}
		b.AddHost(plan.AtNetwork, fmt.Sprintf("linux.netDevices[%q]", name), "move the network device, bring it up", name+" → "+to)
	}
}
