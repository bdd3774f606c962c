package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/spec"
)

// imagePrefix begins the annotations that image-spec's conversion.md names.
const imagePrefix = "org.opencontainers.image."

// annotations are the labels, then those that were asked for, which win, and what image-spec has names for.
func (m *mapper) annotations() error {
	all := map[string]string{"org.opencontainers.image.os": "linux"}
	if s := m.Config.StopSignal; s != "" {
		all[imagePrefix+"stopSignal"] = s
	}
	if d := m.ImageManifestDescriptor; d != nil && d.Platform != nil && d.Platform.Architecture != "" {
		all[imagePrefix+"architecture"] = d.Platform.Architecture
		m.notes.Mapped("ImageManifestDescriptor", "", "/annotations/"+imagePrefix+"architecture")
	}
	var ports []string
	for p := range m.Config.ExposedPorts {
		ports = append(ports, p.String())
	}
	if slices.Sort(ports); len(ports) > 0 {
		all[imagePrefix+"exposedPorts"] = strings.Join(ports, ",")
	}
	for name, value := range m.Config.Labels {
		switch {
		case name == "":
			m.notes.Lost(report.Member("Config.Labels", name), "an annotation has a name")
		case obeyed(name):
			m.notes.Lost(report.Member("Config.Labels", name), "a runtime would obey it, and images are not to command the runtime")
		default:
			all[name] = value
		}
	}
	maps.Copy(all, m.HostConfig.Annotations)
	m.spec.Annotations = all
	return nil
}

// obeyed says whether a runtime does what an annotation says: creel's own, and those of crun and Kata.
func obeyed(name string) bool {
	return slices.ContainsFunc(append(spec.Annotations(), "run.oci.", "io.katacontainers."), func(a string) bool {
		return strings.HasPrefix(name, a)
	})
}
