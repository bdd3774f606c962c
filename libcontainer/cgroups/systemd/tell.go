package systemd

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

// limit is what systemd knows of a limit that the kernel keeps in files: where it does not know it, it sets its own again
// when its configuration is loaded again (systemctl daemon-reload), or when a neighbour's changes.
type limit struct {
	controller string // whose hierarchy the files are in, on cgroup v1
	files      []string
	properties func(texts []string) []wire.Property
}

// limits of cgroup v2.
var limits = [...]limit{
	{files: []string{"cpu.weight"}, properties: number("CPUWeight")},
	{files: []string{"cpu.max"}, properties: quota},
	{files: []string{"cpuset.cpus"}, properties: list("AllowedCPUs")},
	{files: []string{"cpuset.mems"}, properties: list("AllowedMemoryNodes")},
	{files: []string{"memory.max"}, properties: number("MemoryMax")},
	{files: []string{"memory.high"}, properties: number("MemoryHigh")},
	{files: []string{"memory.low"}, properties: number("MemoryLow")},
	{files: []string{"memory.min"}, properties: number("MemoryMin")},
	{files: []string{"memory.swap.max"}, properties: number("MemorySwapMax")},
	{files: []string{"pids.max"}, properties: number("TasksMax")},
	{files: []string{"io.weight"}, properties: defaultNumber("IOWeight")},
}

// limitsV1 are those of cgroup v1, with the names that systemd had for them.
var limitsV1 = [...]limit{
	{"cpu", []string{"cpu.shares"}, number("CPUShares")},
	{"cpu", []string{"cpu.cfs_quota_us", "cpu.cfs_period_us"}, quota},
	{"memory", []string{"memory.limit_in_bytes"}, number("MemoryLimit")},
	{"pids", []string{"pids.max"}, number("TasksMax")},
	{"blkio", []string{"blkio.weight"}, number("BlockIOWeight")},
	{"blkio", []string{"blkio.bfq.weight"}, number("BlockIOWeight")},
}

// table is the one that fits the container's cgroup.
func (g *Group) table() []limit {
	if g.onV1() {
		return limitsV1[:]
	}
	return limits[:]
}

// inForce reads what each limit of the table is, as it was read before if it is: nil for one whose files are not there.
func (g *Group) inForce() [][]string {
	table := g.table()
	now := make([][]string, len(table))
	for i, l := range table {
		now[i] = l.read(g.Files.Record().Dirs)
	}
	return now
}

// read returns the texts of a limit's files.
func (l limit) read(dirs map[string]string) (texts []string) {
	dir := ""
	for key, d := range dirs {
		for controller := range strings.SplitSeq(key, ",") {
			if controller == l.controller {
				dir = d
			}
		}
	}
	for _, f := range l.files {
		text, err := cgfs.ReadHostFile(dir + "/" + f)
		if err != nil {
			return nil
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return texts
}

// tell gives systemd every limit that is not what it was before.
func (g *Group) tell(before [][]string) error {
	var properties []wire.Property
	for i, texts := range g.inForce() {
		if texts != nil && strings.Join(texts, " ") != strings.Join(before[i], " ") {
			properties = append(properties, g.table()[i].properties(texts)...)
		}
	}
	if len(properties) == 0 {
		return nil
	}
	err := g.set(properties...)
	if !unknown(err) {
		return err
	}
	// One of them is newer than this systemd is. Which, it does not say.
	for _, p := range properties {
		switch err := g.set(p); {
		case unknown(err) && g.warnings != nil:
			g.warnings(fmt.Sprintf("systemd does not know %s and may change the limit again: %v", p.Name, err))
		case err != nil && !unknown(err):
			return err
		}
	}
	return nil
}

func (g *Group) set(p ...wire.Property) error {
	if err := g.ask(&wire.Request{Method: wire.Set, Unit: g.unit.Name, Properties: p}); err != nil {
		return fmt.Errorf("linux.resources: unit %s: %w", g.unit.Name, err)
	}
	return nil
}

// unknown says whether systemd does not know a property.
func unknown(err error) bool {
	var r *refusal
	return errors.As(err, &r) && (r.name == "org.freedesktop.DBus.Error.PropertyReadOnly" || r.name == "org.freedesktop.DBus.Error.UnknownProperty")
}

// infinity is no limit at all.
const infinity = "18446744073709551615"

// number is a property with the same number as the file.
func number(name string) func([]string) []wire.Property {
	return func(texts []string) []wire.Property {
		value := texts[0]
		if n, err := strconv.ParseUint(value, 10, 64); value == cgfs.Max || err == nil && n > math.MaxInt64-1<<16 {
			value = infinity // v1 counts in pages, and so has a maximum below 2^63
		}
		return []wire.Property{{Name: name, Kind: wire.Number, Value: value}}
	}
}

// defaultNumber is a property with the number that the file has for all devices, "default 100".
func defaultNumber(name string) func([]string) []wire.Property {
	return func(texts []string) []wire.Property {
		return number(name)([]string{cgfs.Field(texts[0], "default")})
	}
}

func list(name string) func([]string) []wire.Property {
	return func(texts []string) []wire.Property {
		return []wire.Property{{Name: name, Kind: wire.Bits, Value: texts[0]}}
	}
}

// quota is that of cpu.max, "QUOTA PERIOD", or of v1's two files, in microseconds. systemd keeps it as a share of a second in
// whole percents; the next larger one is no tighter than what was asked for.
func quota(texts []string) []wire.Property {
	var first, second string
	if len(texts) == 2 {
		first, second = texts[0], texts[1]
	} else {
		first, second, _ = strings.Cut(texts[0], " ")
	}
	share := infinity
	q, err := strconv.ParseUint(first, 10, 64)
	period, periodErr := strconv.ParseUint(second, 10, 64)
	if err == nil && periodErr == nil && period > 0 && q < math.MaxUint64/100 {
		percents := (q*100 + period - 1) / period
		share = strconv.FormatUint(percents*10000, 10)
	}
	return []wire.Property{
		{Name: "CPUQuotaPerSecUSec", Kind: wire.Number, Value: share},
		{Name: "CPUQuotaPeriodUSec", Kind: wire.Number, Value: second},
	}
}
