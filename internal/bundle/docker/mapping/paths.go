package mapping

import "slices"

// defaultMasked and defaultReadonly are the paths that Docker hides from containers and keeps them from writing to.
var (
	defaultMasked = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware",
	}
	defaultReadonly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// paths are masked and read-only ones. An empty list, which is not null, asks for none.
func (m *mapper) paths() error {
	if m.HostConfig.Privileged || m.security.systemPaths {
		const why = "nothing is masked, nothing read-only"
		for field, list := range map[string][]string{
			"HostConfig.MaskedPaths": m.HostConfig.MaskedPaths, "HostConfig.ReadonlyPaths": m.HostConfig.ReadonlyPaths,
		} {
			if len(list) > 0 {
				m.notes.Default(field, why)
			}
		}
		return nil
	}
	m.linux.MaskedPaths, m.linux.ReadonlyPaths = m.HostConfig.MaskedPaths, m.HostConfig.ReadonlyPaths
	switch {
	case m.HostConfig.MaskedPaths == nil:
		m.linux.MaskedPaths = slices.Concat(defaultMasked, m.Facts.Throttles)
	case len(m.HostConfig.MaskedPaths) == 0:
		m.notes.Default("HostConfig.MaskedPaths", "nothing is masked")
	}
	switch {
	case m.HostConfig.ReadonlyPaths == nil:
		m.linux.ReadonlyPaths = slices.Clone(defaultReadonly)
	case len(m.HostConfig.ReadonlyPaths) == 0:
		m.notes.Default("HostConfig.ReadonlyPaths", "nothing is read-only")
	}
	return nil
}
