package mapping

import (
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/moby/api/types/blkiodev"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// blockIO are weights and limits of block devices, which are named by their paths on the host.
func (m *mapper) blockIO() error {
	h := m.HostConfig
	limits := &specs.LinuxBlockIO{}
	if w := h.BlkioWeight; w != 0 {
		limits.Weight = &w
	}
	for i, d := range h.BlkioWeightDevice {
		if d == nil {
			continue
		}
		number, err := m.block(report.At("HostConfig.BlkioWeightDevice", i), d.Path)
		if err != nil {
			return err
		}
		one := specs.LinuxWeightDevice{Weight: &d.Weight}
		one.Major, one.Minor = number[0], number[1]
		limits.WeightDevice = append(limits.WeightDevice, one)
	}
	for _, t := range []struct {
		field string
		from  []*blkiodev.ThrottleDevice
		to    *[]specs.LinuxThrottleDevice
	}{
		{"HostConfig.BlkioDeviceReadBps", h.BlkioDeviceReadBps, &limits.ThrottleReadBpsDevice},
		{"HostConfig.BlkioDeviceWriteBps", h.BlkioDeviceWriteBps, &limits.ThrottleWriteBpsDevice},
		{"HostConfig.BlkioDeviceReadIOps", h.BlkioDeviceReadIOps, &limits.ThrottleReadIOPSDevice},
		{"HostConfig.BlkioDeviceWriteIOps", h.BlkioDeviceWriteIOps, &limits.ThrottleWriteIOPSDevice},
	} {
		for i, d := range t.from {
			if d == nil {
				continue
			}
			number, err := m.block(report.At(t.field, i), d.Path)
			if err != nil {
				return err
			}
			one := specs.LinuxThrottleDevice{Rate: d.Rate}
			one.Major, one.Minor = number[0], number[1]
			*t.to = append(*t.to, one)
		}
	}
	if limits.Weight != nil || limits.WeightDevice != nil || limits.ThrottleReadBpsDevice != nil ||
		limits.ThrottleWriteBpsDevice != nil || limits.ThrottleReadIOPSDevice != nil || limits.ThrottleWriteIOPSDevice != nil {
		m.linux.Resources.BlockIO = limits
	}
	return nil
}

// block is the number of a block device.
func (m *mapper) block(field, path string) ([2]int64, error) {
	major, minor, err := m.Lookup.BlockDevice(path)
	if err != nil {
		return [2]int64{}, bad(field+".Path", path, "%w", err)
	}
	return [2]int64{major, minor}, nil
}
