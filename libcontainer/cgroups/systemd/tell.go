package systemd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/dbus"
	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// limit is what systemd knows of a limit that the kernel keeps in files: where it does not know it, it sets its own again
// when its configuration is loaded again (systemctl daemon-reload), or when a neighbour's changes.
type limit struct {
	controller string // whose hierarchy the files are in, on cgroup v1
	files      []string
	name       string
	properties func(name string, texts []string) []property
}

// limits of cgroup v2.
var limits = [...]limit{
	{"", []string{"cpu.weight", "cpu.idle"}, "CPUWeight", weight},
	{"", []string{"cpu.max"}, "CPUQuota", quota},
	{"", []string{"cpuset.cpus"}, "AllowedCPUs", list},
	{"", []string{"cpuset.mems"}, "AllowedMemoryNodes", list},
	{"", []string{"memory.max"}, "MemoryMax", plain},
	{"", []string{"memory.high"}, "MemoryHigh", plain},
	{"", []string{"memory.low"}, "MemoryLow", plain},
	{"", []string{"memory.min"}, "MemoryMin", plain},
	{"", []string{"memory.swap.max"}, "MemorySwapMax", plain},
	{"", []string{"memory.zswap.max"}, "MemoryZSwapMax", plain},
	{"", []string{"memory.zswap.writeback"}, "MemoryZSwapWriteback", truth},
	{"", []string{"pids.max"}, "TasksMax", plain},
	{"", []string{"io.bfq.weight"}, "IOWeight", ofBFQ},
	{"", []string{"io.weight"}, "IOWeight", ofDefault},
}

// limitsV1 are those of cgroup v1, with the names that systemd had for them.
var limitsV1 = [...]limit{
	{"cpu", []string{"cpu.shares"}, "CPUShares", plain},
	{"cpu", []string{"cpu.cfs_quota_us", "cpu.cfs_period_us"}, "CPUQuota", quota},
	{"memory", []string{"memory.limit_in_bytes"}, "MemoryLimit", plain},
	{"pids", []string{"pids.max"}, "TasksMax", plain},
	{"blkio", []string{"blkio.weight"}, "BlockIOWeight", plain},
	{"blkio", []string{"blkio.bfq.weight"}, "BlockIOWeight", ofBFQ},
}

// table is the one that fits the container's cgroup.
func (g *Group) table() []limit {
	if g.onV1() {
		return limitsV1[:]
	}
	return limits[:]
}

// inForce reads what each limit of the table is: nil for one whose files are not there.
func (g *Group) inForce() [][]string {
	table, dirs := g.table(), g.Files.Record().Dirs
	now := make([][]string, len(table))
	for i, l := range table {
		now[i] = l.read(dirs)
	}
	return now
}

// read returns the texts of a limit's files.
func (l limit) read(dirs map[string]string) (texts []string) {
	dir := ""
	for key, d := range dirs {
		if slices.Contains(strings.Split(key, ","), l.controller) {
			dir = d
		}
	}
	for _, f := range l.files {
		text, err := cgfs.ReadHostFile(dir + "/" + f)
		if err != nil && f != "cpu.idle" { // which came with Linux 5.15
			return nil
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return texts
}

// tell gives systemd every limit that is not what it was before.
func (g *Group) tell(before [][]string) error {
	var properties []property
	for i, texts := range g.inForce() {
		if texts != nil && !slices.Equal(texts, before[i]) {
			l := g.table()[i]
			properties = append(properties, l.properties(l.name, texts)...)
		}
	}
	if len(properties) == 0 {
		return nil
	}
	return g.AroundDevices(func() error { return g.setAll(properties) })
}

func (g *Group) setAll(properties []property) error {
	err := g.set(properties...)
	if !unknown(err) {
		return err
	}
	// One of them is newer than this systemd is. Which, it does not say.
	for _, p := range properties {
		switch err := g.set(p); {
		case unknown(err):
			g.warn(fmt.Sprintf("systemd does not know %s and may change the limit again: %v", p.name, err))
		case err != nil:
			return err
		}
	}
	return nil
}

func (g *Group) set(p ...property) error {
	m, err := g.connect()
	if err == nil {
		defer g.disconnect()
		err = m.set(g.unit.Name, p)
	}
	if err == nil && g.onV1() {
		err = m.settle(g.unit.Name)
	}
	if err != nil {
		return fmt.Errorf("linux.resources: unit %s: %w", g.unit.Name, err)
	}
	return nil
}

// unknown says whether systemd does not know a property, or not that it can have a value.
func unknown(err error) bool {
	return refused(err, "org.freedesktop.DBus.Error.PropertyReadOnly") || refused(err, "org.freedesktop.DBus.Error.UnknownProperty") ||
		refused(err, "org.freedesktop.DBus.Error.InvalidArgs")
}

// plain is a property with the same number as the file.
func plain(name string, texts []string) []property { return []property{number(name, texts[0])} }

// weight is that of the processor. An idle cgroup has none of its own, which is 0 to systemd (252); the kernel shows 0 or 1 for it.
func weight(name string, texts []string) []property {
	if texts[1] == "1" {
		return []property{number(name, "0")}
	}
	return []property{number(name, texts[0])}
}

func truth(name string, texts []string) []property {
	return []property{{name, dbus.Bool(texts[0] == "1")}}
}

// ofBFQ is a property with the weight that the BFQ scheduler has for all devices, "default 100" or "100".
func ofBFQ(name string, texts []string) []property {
	return []property{bfqNumber(name, strings.TrimPrefix(strings.SplitN(texts[0], "\n", 2)[0], "default "))}
}

// ofDefault is a property with the number that the file has for all devices, "default 100".
func ofDefault(name string, texts []string) []property {
	return []property{number(name, cgfs.Field(texts[0], "default"))}
}

func list(name string, texts []string) []property { return []property{bits(name, texts[0])} }

// quota is that of cpu.max, "QUOTA PERIOD", or of v1's two files, in microseconds. systemd keeps it as a share of a second in
// whole percents; the next larger one is no tighter than what was asked for.
func quota(name string, texts []string) []property {
	first, second, _ := strings.Cut(strings.Join(texts, " "), " ")
	share := uint64(math.MaxUint64)
	q, err := strconv.ParseUint(first, 10, 64)
	period, periodErr := strconv.ParseUint(second, 10, 64)
	if err == nil && periodErr == nil && period > 0 && q < math.MaxUint64/100-period {
		share = (q*100 + period - 1) / period * 10000
	}
	return []property{{name + "PerSecUSec", dbus.Uint64(share)}, {name + "PeriodUSec", dbus.Uint64(period)}}
}
