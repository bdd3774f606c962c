package mapping

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/moby/api/types/container"
)

// vendors are the names that the Container Device Interface has for the devices of Docker's drivers.
var vendors = map[string]string{"": "nvidia.com/gpu", "nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu"}

// cdi applies what the Container Device Interface says of the devices that are requested by name. It comes last, since
// it edits the config.
func (m *mapper) cdi() error {
	for i, r := range m.HostConfig.DeviceRequests {
		field := report.At("HostConfig.DeviceRequests", i)
		names, why := deviceNames(r)
		if why != "" {
			m.notes.Lost(field, why)
			continue
		}
		if err := m.Lookup.InjectCDI(m.spec, names); err != nil {
			return bad(field+".DeviceIDs", fmt.Sprint(names), "%w", err)
		}
		m.notes.Mapped(field, fmt.Sprintf("as CDI says of %v", names), "/linux/devices", "/linux/resources/devices", "/hooks", "/mounts")
	}
	return nil
}

// deviceNames are qualified names, as nvidia.com/gpu=0, or why there are none.
func deviceNames(r container.DeviceRequest) (names []string, why string) {
	if r.Driver == "cdi" {
		if len(r.DeviceIDs) == 0 {
			return nil, "it names no device"
		}
		return r.DeviceIDs, ""
	}
	vendor, known := vendors[r.Driver]
	gpu := slices.ContainsFunc(r.Capabilities, func(and []string) bool { return slices.Contains(and, "gpu") })
	switch {
	case !known:
		return nil, "what the driver does is not known"
	case !gpu:
		return nil, "only the capability gpu has a name in CDI"
	case len(r.DeviceIDs) > 0:
		for _, id := range r.DeviceIDs {
			names = append(names, vendor+"="+id)
		}
	case r.Count < 0:
		names = []string{vendor + "=all"}
	case r.Count > 1024:
		return nil, "there are not so many devices"
	default:
		for n := range r.Count {
			names = append(names, vendor+"="+strconv.Itoa(n))
		}
	}
	if len(names) == 0 {
		return nil, "it asks for no device"
	}
	return names, ""
}
