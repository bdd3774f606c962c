package systemd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

// deviceProperties says a policy to systemd, which on cgroup v1 writes the devices anew when it is loaded again. On v2 it adds a
// filter of its own to creel's, and needs to know nothing. What it cannot be told comes back as rules left out.
func deviceProperties(policy devrules.List) (properties []wire.Property, unsaid []string) {
	if policy.Allow {
		for _, r := range policy.Rules {
			unsaid = append(unsaid, r.String())
		}
		return []wire.Property{{Name: "DevicePolicy", Kind: wire.Text, Value: "auto"}}, unsaid
	}
	var lines strings.Builder
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
				fmt.Fprintf(&lines, "%s %s\n", deviceName(t.name, r), r.Access)
			}
		}
	}
	return []wire.Property{
		{Name: "DevicePolicy", Kind: wire.Text, Value: "strict"},
		{Name: "DeviceAllow", Kind: wire.Allowed, Value: lines.String()},
	}, unsaid
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
