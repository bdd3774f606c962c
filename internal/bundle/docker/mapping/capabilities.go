package mapping

import (
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/capset"
	"github.com/creel-project/creel/internal/bundle/docker/report"
)

// all stands for every capability.
const all = "ALL"

// capabilities are the default ones, without those that are dropped, with those that are added. Nothing is inheritable
// or ambient (CVE-2022-24769).
func (m *mapper) capabilities() error {
	add, err := m.named("HostConfig.CapAdd", m.HostConfig.CapAdd)
	if err != nil {
		return err
	}
	drop, err := m.named("HostConfig.CapDrop", m.HostConfig.CapDrop)
	if err != nil {
		return err
	}
	dropped := func(name string) bool { return slices.Contains(drop, name) }
	var set []string
	switch {
	case m.HostConfig.Privileged:
		set = slices.Clone(m.Facts.Capabilities)
		if len(drop) > 0 {
			m.notes.Default("HostConfig.CapDrop", "Privileged: Docker drops none")
		}
	case slices.Contains(add, all):
		set = slices.DeleteFunc(slices.Clone(m.Facts.Capabilities), dropped)
	case slices.Contains(drop, all):
		set = add
	default:
		set = append(slices.DeleteFunc(capset.Default(), dropped), add...)
	}
	slices.Sort(set)
	set = slices.Compact(set)
	m.spec.Process.Capabilities = capset.Of(set)
	return nil
}

// named reads names as people write them: with or without CAP_, in any case.
func (m *mapper) named(field string, names []string) (found []string, err error) {
	for i, name := range names {
		name = strings.ToUpper(name)
		if name != all && !strings.HasPrefix(name, "CAP_") {
			name = "CAP_" + name
		}
		if name == "CAP_"+all {
			name = all
		}
		if name != all && !slices.Contains(m.Facts.Capabilities, name) {
			return nil, bad(report.At(field, i), names[i], "it is no capability that this kernel knows (capabilities(7))")
		}
		found = append(found, name)
	}
	return found, nil
}
