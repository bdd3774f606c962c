package v2

import (
	"math"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// Stats implements driver.Group.
func (g *Group) Stats() (*stats.Stats, error) {
	dir, err := g.opened()
	if err != nil {
		return nil, err
	}
	r := stats.Of(dir)
	s := &stats.Stats{Hugetlb: readHugetlb(r), RDMA: r.RDMA()}
	readCPU(r, &s.CPU)
	readMemory(r, &s.Memory)
	readIO(r, &s.Blkio)
	if err := g.readPids(r, &s.Pids); err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil && !g.record.Rootless {
		return nil, err
	}
	return s, nil
}

// readCPU reads cpu.stat, which is there without the controller as well, in microseconds.
func readCPU(r *stats.Reader, c *stats.CPU) {
	t := r.Table("cpu.stat")
	c.Usage = stats.CPUUsage{Total: t["usage_usec"] * 1000, Kernel: t["system_usec"] * 1000, User: t["user_usec"] * 1000}
	c.Throttling = stats.Throttling{
		Periods: t["nr_periods"], ThrottledPeriods: t["nr_throttled"], ThrottledTime: t["throttled_usec"] * 1000,
	}
	c.PSI = r.Pressure("cpu.pressure")
}

// readMemory gives Swap v1's meaning, the sum of memory and swap, whose peak nobody knows.
func readMemory(r *stats.Reader, m *stats.Memory) {
	m.PSI = r.Pressure("memory.pressure")
	usage, ok := r.UintOK("memory.current")
	if !ok {
		return
	}
	m.Raw = r.Table("memory.stat")
	m.Cache = m.Raw["file"]
	m.Usage = stats.MemoryEntry{Usage: usage, Limit: r.Uint("memory.max"), Max: r.Uint("memory.peak")} // peak: Linux 5.19
	m.Swap = stats.MemoryEntry{Usage: usage, Limit: m.Usage.Limit}
	if swap, ok := r.UintOK("memory.swap.current"); ok {
		m.Swap.Usage += swap
		m.Swap.Limit = add(r.Uint("memory.swap.max"), m.Usage.Limit)
	}
}

// add adds limits, of which one may be none.
func add(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// readIO reads io.stat: lines like "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0".
func readIO(r *stats.Reader, b *stats.Blkio) {
	b.PSI = r.Pressure("io.pressure")
	text, _ := r.Text("io.stat")
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		first, second, _ := strings.Cut(words[0], ":")
		major, err1 := strconv.ParseUint(first, 10, 64)
		minor, err2 := strconv.ParseUint(second, 10, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		for _, word := range words[1:] {
			key, value, _ := strings.Cut(word, "=")
			to, op := ioTable(b, key)
			n, err := strconv.ParseUint(value, 10, 64)
			if to != nil && err == nil {
				*to = append(*to, stats.BlkioEntry{Major: major, Minor: minor, Op: op, Value: n})
			}
		}
	}
}

// ioTable is where v1 has a figure of io.stat, nil for those that it does not know.
func ioTable(b *stats.Blkio, key string) (to *[]stats.BlkioEntry, op string) {
	switch key {
	case "rbytes":
		return &b.IoServiceBytesRecursive, "Read"
	case "wbytes":
		return &b.IoServiceBytesRecursive, "Write"
	case "rios":
		return &b.IoServicedRecursive, "Read"
	case "wios":
		return &b.IoServicedRecursive, "Write"
	}
	return nil, ""
}

// readPids counts the processes where the controller does not count tasks.
func (g *Group) readPids(r *stats.Reader, p *stats.Pids) error {
	current, ok := r.UintOK("pids.current")
	if !ok {
		pids, err := g.Pids()
		p.Current = uint64(len(pids))
		return err
	}
	p.Current = current
	if p.Limit = r.Uint("pids.max"); p.Limit == math.MaxUint64 {
		p.Limit = 0
	}
	return nil
}

func readHugetlb(r *stats.Reader) map[string]stats.Hugetlb {
	sizes := map[string]stats.Hugetlb{}
	for _, size := range stats.HugePageSizes() {
		prefix := "hugetlb." + size
		// reservations count where the kernel knows them (Linux 5.7)
		usage, ok := r.UintOK(prefix + ".rsvd.current")
		if !ok {
			if usage, ok = r.UintOK(prefix + ".current"); !ok {
				continue
			}
		}
		sizes[size] = stats.Hugetlb{Usage: usage, Failcnt: r.Table(prefix + ".events")["max"]}
	}
	return sizes
}
