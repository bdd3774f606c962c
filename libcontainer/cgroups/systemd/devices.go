package systemd

import (
	"strconv"

	"github.com/creel-project/creel/internal/dbus"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// deviceProperties says a policy to systemd, which on cgroup v1 writes the devices anew when it is loaded again. On v2 it adds a
// filter of its own to creel's, and needs to know nothing. What it cannot be told comes back as rules left out.
func deviceProperties(policy devrules.List) (properties []property, unsaid []string) {
	if policy.Allow {
		for _, r := range policy.Rules {
			unsaid = append(unsaid, r.String())
		}
		return []property{{"DevicePolicy", dbus.String("auto")}}, unsaid
	}
	allowed := dbus.Array("(ss)")
	for _, r := range policy.Rules {
		if r.Minor != devrules.Any && r.Major == devrules.Any {
			unsaid = append(unsaid, r.String())
			continue
		}
		for _, t := range [...]struct {
			types devrules.Types
			name  string
		}{{devrules.Char, "char"}, {devrules.Block, "block"}} {
			if r.Types&t.types != 0 {
				allowed.Items = append(allowed.Items, dbus.Struct(dbus.String(deviceName(t.name, r)), dbus.String(r.Access.String())))
			}
		}
	}
	return []property{{"DevicePolicy", dbus.String("strict")}, {"DeviceAllow", allowed}}, unsaid
}

// deviceName is what systemd calls the devices of a rule (systemd.resource-control(5), DeviceAllow=).
func deviceName(kind string, r devrules.Rule) string {
	major := "*"
	if r.Major != devrules.Any {
		major = strconv.FormatInt(r.Major, 10)
	}
	if r.Minor == devrules.Any {
		return kind + "-" + major
	}
	return "/dev/" + kind + "/" + major + ":" + strconv.FormatInt(r.Minor, 10)
}
