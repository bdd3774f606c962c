package rdt

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// Stats reads what resctrl tells of the group and of the machine. What is not there
// is left out, the group itself included: its administrator may have removed it.
func (g *Group) Stats() (*stats.IntelRdt, error) {
	s := &stats.IntelRdt{}
	var machine []string
	info := filepath.Join(g.rec.Root, "info")
	return s, errors.Join(
		in(g.rec.Root, func(_ *cgfs.Dir, r *stats.Reader) { machine = lines(r) }),
		in(g.rec.Dir, func(_ *cgfs.Dir, r *stats.Reader) { s.Schemata = lines(r) }),
		in(filepath.Join(info, "L3"), func(_ *cgfs.Dir, r *stats.Reader) {
			mask, _ := r.Text("cbm_mask")
			s.L3CacheInfo = &stats.L3CacheInfo{CbmMask: strings.TrimSpace(mask), MinCbmBits: r.Uint("min_cbm_bits"), NumClosids: r.Uint("num_closids")}
			s.L3CacheSchemaRoot, s.L3CacheSchema = of("L3", machine), of("L3", s.Schemata)
		}),
		in(filepath.Join(info, "MB"), func(_ *cgfs.Dir, r *stats.Reader) {
			s.MemBwInfo = &stats.MemBwInfo{
				BandwidthGran: r.Uint("bandwidth_gran"), DelayLinear: r.Uint("delay_linear"),
				MinBandwidth: r.Uint("min_bandwidth"), NumClosids: r.Uint("num_closids"),
			}
			s.MemBwSchemaRoot, s.MemBwSchema = of("MB", machine), of("MB", s.Schemata)
		}),
		g.monitored(s),
	)
}

// monitored reads the counters of every domain.
func (g *Group) monitored(s *stats.IntelRdt) error {
	group := g.rec.Monitor
	if group == "" {
		group = g.rec.Dir
	}
	data := filepath.Join(group, "mon_data")
	var (
		domains []string
		list    error
	)
	err := in(data, func(d *cgfs.Dir, _ *stats.Reader) { domains, list = d.Children() })
	if list != nil && !cgfs.Gone(list) {
		err = list
	}
	slices.Sort(domains)
	for _, name := range domains {
		err = errors.Join(err, in(filepath.Join(data, name), func(_ *cgfs.Dir, r *stats.Reader) {
			total, ok1 := counter(r, "mbm_total_bytes")
			local, ok2 := counter(r, "mbm_local_bytes")
			if ok1 || ok2 {
				s.MBM = append(s.MBM, stats.MBM{TotalBytes: total, LocalBytes: local})
			}
			if n, ok := counter(r, "llc_occupancy"); ok {
				s.CMT = append(s.CMT, stats.CMT{LLCOccupancy: n})
			}
		}))
	}
	return err
}

// in calls read for a directory, unless it is not there.
func in(dir string, read func(*cgfs.Dir, *stats.Reader)) error {
	d, err := cgfs.Open(dir)
	if cgfs.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	r := stats.Of(d)
	read(d, r)
	return r.Err()
}

// counter reads a number, for which the kernel writes a word as long as the hardware does
// not count; that is 0. It is not ok where the kernel has no such counter.
func counter(r *stats.Reader, name string) (n uint64, ok bool) {
	switch text, ok := r.Text(name); strings.TrimSpace(text) {
	case "":
		return 0, ok
	case "Unavailable", "Unassigned", "Error":
		return 0, true
	}
	return r.UintOK(name)
}

// lines are those of schemata. As in runc's output, all but the first keep the blanks with which the kernel
// aligns them.
func lines(r *stats.Reader) []string {
	text, _ := r.Text("schemata")
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// of returns the line of one resource, "" if there is none.
func of(resource string, lines []string) string {
	for _, l := range lines {
		if name, _, _ := strings.Cut(l, ":"); strings.TrimSpace(name) == resource {
			return strings.TrimSpace(l)
		}
	}
	return ""
}
