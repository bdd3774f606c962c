package v2

import (
	"errors"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func (g *Group) applyIO(b *specs.LinuxBlockIO) error {
	if b == nil {
		return nil
	}
	if b.LeafWeight != nil && *b.LeafWeight != 0 {
		return setting{field: "blockIO.leafWeight", value: *b.LeafWeight}.fail(errNoLeaf)
	}
	if err := g.applyIOWeights(b); err != nil {
		return err
	}
	for _, list := range [...]struct {
		field, key string
		devices    []specs.LinuxThrottleDevice
	}{
		{"blockIO.throttleReadBpsDevice", "rbps", b.ThrottleReadBpsDevice},
		{"blockIO.throttleWriteBpsDevice", "wbps", b.ThrottleWriteBpsDevice},
		{"blockIO.throttleReadIOPSDevice", "riops", b.ThrottleReadIOPSDevice},
		{"blockIO.throttleWriteIOPSDevice", "wiops", b.ThrottleWriteIOPSDevice},
	} {
		for i := range list.devices {
			d := &list.devices[i]
			device := DeviceText(d.Major, d.Minor)
			s := setting{list.field + "[" + strconv.Itoa(i) + "]", "(device " + device + ") " + strconv.FormatUint(d.Rate, 10),
				"io.max", device + " " + list.key + "=" + rateText(d.Rate)}
			if err := g.set(s); err != nil {
				return err
			}
		}
	}
	return nil
}

var errNoLeaf = errors.New("cgroup v2 has no leaf weights")

// applyIOWeights sets the weight where the BFQ scheduler takes it, which is on the old scale, or else where the io.cost
// controller does, on a scale of its own.
func (g *Group) applyIOWeights(b *specs.LinuxBlockIO) error {
	var file string
	convert := func(w uint16) uint64 { return uint64(w) }
	choose := func() {
		if file != "" {
			return
		}
		file = "io.bfq.weight"
		if dir, err := g.opened(); err == nil && !dir.Has(file) {
			file, convert = "io.weight", IOWeight
		}
	}
	if b.Weight != nil && *b.Weight != 0 {
		choose()
		if err := g.set(setting{"blockIO.weight", *b.Weight, file, strconv.FormatUint(convert(*b.Weight), 10)}); err != nil {
			return err
		}
	}
	for i := range b.WeightDevice {
		d := &b.WeightDevice[i]
		field, device := "blockIO.weightDevice["+strconv.Itoa(i)+"]", DeviceText(d.Major, d.Minor)
		if d.LeafWeight != nil && *d.LeafWeight != 0 {
			return setting{field: field + ".leafWeight", value: *d.LeafWeight}.fail(errNoLeaf)
		}
		if d.Weight == nil || *d.Weight == 0 {
			continue
		}
		choose()
		value := "(device " + device + ") " + strconv.FormatUint(uint64(*d.Weight), 10)
		if err := g.set(setting{field, value, file, device + " " + strconv.FormatUint(convert(*d.Weight), 10)}); err != nil {
			return err
		}
	}
	return nil
}

// DeviceText writes a block device as the io controllers take it.
func DeviceText(major, minor int64) string {
	return strconv.FormatInt(major, 10) + ":" + strconv.FormatInt(minor, 10)
}
