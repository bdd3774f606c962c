package mapping

import (
	"encoding/json"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// memory limits: what is 0 is not set.
func (m *mapper) memory() error {
	h := m.HostConfig
	limits := specs.LinuxMemory{
		Limit: positive(h.Memory), Reservation: positive(h.MemoryReservation), Swap: positive(h.MemorySwap),
		KernelTCP: positive(m.kernelTCP()),
	}
	for field, n := range map[string]int64{"Memory": h.Memory, "MemoryReservation": h.MemoryReservation} {
		if n < 0 {
			return bad("HostConfig."+field, n, "it is negative")
		}
	}
	if h.MemorySwap < 0 {
		m.notes.Default("HostConfig.MemorySwap", "no limit")
	}
	if s := h.MemorySwappiness; s != nil && *s != -1 {
		if *s < 0 || *s > 100 {
			return bad("HostConfig.MemorySwappiness", *s, "want 0 to 100")
		}
		n := uint64(*s)
		limits.Swappiness = &n
		m.notes.Mapped("HostConfig.MemorySwappiness", "", "/linux/resources/memory/swappiness")
	}
	if k := h.OomKillDisable; k != nil && *k {
		limits.DisableOOMKiller = k
	}
	if limits != (specs.LinuxMemory{}) {
		m.linux.Resources.Memory = &limits
	}
	return m.pids()
}

// positive points to a limit, nil if there is none.
func positive(n int64) *int64 {
	if n <= 0 {
		return nil
	}
	return &n
}

// kernelTCP is a limit that the API lost with version 1.42.
func (m *mapper) kernelTCP() int64 {
	host, _ := m.Fields["HostConfig"].(map[string]any)
	n, _ := host["KernelMemoryTCP"].(json.Number)
	limit, err := n.Int64()
	if err != nil {
		return 0
	}
	return limit
}

// pids is the number of processes; none and less is no limit.
func (m *mapper) pids() error {
	limit := m.HostConfig.PidsLimit
	if limit == nil {
		return nil
	}
	n := *limit
	if n <= 0 {
		n = -1
	}
	m.linux.Resources.Pids = &specs.LinuxPids{Limit: &n}
	m.notes.Mapped("HostConfig.PidsLimit", "", "/linux/resources/pids/limit")
	return nil
}
