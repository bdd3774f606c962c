package v1

import (
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

func (g *Group) applyBlkio(b *specs.LinuxBlockIO) error {
	if b == nil {
		return nil
	}
	if b.Weight != nil && *b.Weight != 0 {
		if err := g.set(blkio("weight", *b.Weight, g.weightFile("weight"), weightText(*b.Weight))); err != nil {
			return err
		}
	}
	if b.LeafWeight != nil && *b.LeafWeight != 0 {
		if err := g.set(blkio("leafWeight", *b.LeafWeight, "blkio.leaf_weight", weightText(*b.LeafWeight))); err != nil {
			return err
		}
	}
	for i := range b.WeightDevice {
		if err := g.applyWeightDevice("weightDevice["+strconv.Itoa(i)+"]", &b.WeightDevice[i]); err != nil {
			return err
		}
	}
	for _, list := range [...]struct {
		field, file string
		devices     []specs.LinuxThrottleDevice
	}{
		{"throttleReadBpsDevice", "blkio.throttle.read_bps_device", b.ThrottleReadBpsDevice},
		{"throttleWriteBpsDevice", "blkio.throttle.write_bps_device", b.ThrottleWriteBpsDevice},
		{"throttleReadIOPSDevice", "blkio.throttle.read_iops_device", b.ThrottleReadIOPSDevice},
		{"throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", b.ThrottleWriteIOPSDevice},
	} {
		for i := range list.devices {
			d := &list.devices[i]
			device, rate := v2.DeviceText(d.Major, d.Minor), strconv.FormatUint(d.Rate, 10)
			if err := g.set(blkio(list.field+"["+strconv.Itoa(i)+"]", "(device "+device+") "+rate, list.file, device+" "+rate)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Group) applyWeightDevice(field string, d *specs.LinuxWeightDevice) error {
	device := v2.DeviceText(d.Major, d.Minor)
	if d.Weight != nil && *d.Weight != 0 {
		if err := g.set(blkio(field, "(device "+device+") "+weightText(*d.Weight), g.weightFile("weight_device"), device+" "+weightText(*d.Weight))); err != nil {
			return err
		}
	}
	if d.LeafWeight != nil && *d.LeafWeight != 0 {
		return g.set(blkio(field+".leafWeight", "(device "+device+") "+weightText(*d.LeafWeight), "blkio.leaf_weight_device", device+" "+weightText(*d.LeafWeight)))
	}
	return nil
}

// weightFile returns the CFQ scheduler's file (before Linux 5.0) or else the BFQ scheduler's.
func (g *Group) weightFile(name string) string {
	if h := g.controller("blkio"); h != nil {
		if dir, err := h.opened(); err == nil && !dir.Has("blkio."+name) {
			return "blkio.bfq." + name
		}
	}
	return "blkio." + name
}

func blkio(field string, value any, file, text string) setting {
	return setting{"blockIO." + field, value, "blkio", file, text}
}

func weightText(w uint16) string { return strconv.FormatUint(uint64(w), 10) }
