package systemd

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/dbus"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// said is a table's properties for files with these texts.
func said(t *testing.T, table []limit, texts map[string]string) map[string]dbus.Value {
	t.Helper()
	dir := t.TempDir()
	dirs := map[string]string{}
	for _, l := range table {
		dirs[l.controller] = filepath.Join(dir, l.controller)
		if err := os.MkdirAll(dirs[l.controller], 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range l.files {
			if text, ok := texts[f]; ok {
				if err := os.WriteFile(filepath.Join(dirs[l.controller], f), []byte(text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	got := map[string]dbus.Value{}
	for _, l := range table {
		if read := l.read(dirs); read != nil {
			for _, p := range l.properties(l.name, read) {
				got[p.name] = p.value
			}
		}
	}
	return got
}

const infinity = math.MaxUint64

func TestLimitsOfV2AreProperties(t *testing.T) {
	got := said(t, limits[:], map[string]string{
		"cpu.weight": "59", "cpu.idle": "0", "io.bfq.weight": "default 200", "memory.zswap.writeback": "0", "cpu.max": "1500 100000", "cpuset.cpus": "0-3,9", "memory.max": "max", "memory.low": "0",
		"pids.max": "12",
	})
	want := map[string]dbus.Value{
		"CPUWeight": dbus.Uint64(59), "CPUQuotaPerSecUSec": dbus.Uint64(20000), "CPUQuotaPeriodUSec": dbus.Uint64(100000),
		"AllowedCPUs": dbus.Bytes([]byte{15, 2}), "MemoryMax": dbus.Uint64(infinity), "MemoryLow": dbus.Uint64(0),
		"TasksMax": dbus.Uint64(12), "IOWeight": dbus.Uint64(1200), "MemoryZSwapWriteback": dbus.Bool(false),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestWeightsAreThoseOfSystemd(t *testing.T) {
	for texts, want := range map[[2]string]map[string]dbus.Value{
		{"cpu.weight", "0"}:                   {"CPUWeight": dbus.Uint64(0)},
		{"io.weight", "default 200\n8:0 300"}: {"IOWeight": dbus.Uint64(200)},
		{"io.bfq.weight", "100\n8:0 300"}:     {"IOWeight": dbus.Uint64(100)},
		{"io.bfq.weight", "default 1000"}:     {"IOWeight": dbus.Uint64(10000)},
	} {
		if got := said(t, limits[:], map[string]string{texts[0]: texts[1], "cpu.idle": "1"}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", texts, got, want)
		}
	}
	if got := weight("CPUWeight", []string{"1", "1"})[0].value.Bits; got != 0 {
		t.Errorf("an idle cgroup's weight is %d since Linux 6.12", got)
	}
}

func TestLimitsOfV1AreProperties(t *testing.T) {
	got := said(t, limitsV1[:], map[string]string{
		"cpu.shares": "2048", "cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "50000", "memory.limit_in_bytes": "9223372036854771712",
		"pids.max": "max", "blkio.bfq.weight": "500",
	})
	want := map[string]dbus.Value{
		"CPUShares": dbus.Uint64(2048), "CPUQuotaPerSecUSec": dbus.Uint64(infinity), "CPUQuotaPeriodUSec": dbus.Uint64(50000),
		"MemoryLimit": dbus.Uint64(infinity), "TasksMax": dbus.Uint64(infinity), "BlockIOWeight": dbus.Uint64(4500),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAShareOfTheProcessorIsRoundedUpToWholePercents(t *testing.T) {
	for text, want := range map[string]uint64{
		"50000 100000": 500000, "1 100000": 10000, "1001 100000": 20000, "300000 100000": 3000000, "max 100000": infinity,
	} {
		if got := quota("CPUQuota", []string{text})[0].value.Bits; got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

type noFiles struct{ Files }

func (noFiles) Record() driver.Record { return driver.Record{} }

func TestPropertiesOfTheConfigComeLastAndInOrder(t *testing.T) {
	g := &Group{Files: noFiles{}, unit: Unit{Name: "u.scope", Slice: "s.slice"}, properties: map[string]string{
		"B": "'x'", "A": "uint64 1", "WaitSec": "1.5", "Sec": "true",
	}}
	all, err := g.scopeProperties(7)
	if err != nil {
		t.Fatal(err)
	}
	want := []property{{"A", dbus.Uint64(1)}, {"B", dbus.String("x")}, {"Sec", dbus.Bool(true)}, {"WaitUSec", dbus.Uint64(1500000)}}
	if got := all[len(all)-4:]; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestPropertiesThatCannotBeReadAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"WaitSec='a'": "a time in seconds is a number", "WaitSec=-1": "not negative", "WaitSec=1e300": "64 bits", "WaitSec=nan": "not negative", "X=uint64 -1": "no GVariant text",
	} {
		name, value, _ := strings.Cut(text, "=")
		g := &Group{Files: noFiles{}, properties: map[string]string{name: value}}
		if _, err := g.scopeProperties(7); err == nil || !strings.HasPrefix(err.Error(), `annotations["org.systemd.property.`+name+`"]`) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDevicesAreSaidAsFarAsSystemdKnowsThem(t *testing.T) {
	rule := func(allow bool, types devrules.Types, major, minor int64) devrules.Rule {
		return devrules.Rule{Allow: allow, Types: types, Major: major, Minor: minor, Access: devrules.Read | devrules.Write}
	}
	properties, unsaid := deviceProperties(devrules.List{Rules: []devrules.Rule{
		rule(true, devrules.Char, 1, 3), rule(true, devrules.Block, 8, devrules.Any), rule(true, devrules.Both, devrules.Any, devrules.Any), rule(true, devrules.Char, devrules.Any, 7),
	}})
	want := []property{{"DevicePolicy", dbus.String("strict")}, {"DeviceAllow", dbus.Array("(ss)")}}
	for _, name := range []string{"/dev/char/1:3", "block-8", "char-*", "block-*"} {
		want[1].value.Items = append(want[1].value.Items, dbus.Struct(dbus.String(name), dbus.String("rw")))
	}
	if !reflect.DeepEqual(properties, want) || !reflect.DeepEqual(unsaid, []string{"c *:7 rw"}) {
		t.Errorf("%+v, unsaid %q", properties, unsaid)
	}
	properties, unsaid = deviceProperties(devrules.List{Allow: true, Rules: []devrules.Rule{rule(false, devrules.Block, 8, 0)}})
	if !reflect.DeepEqual(properties, []property{{"DevicePolicy", dbus.String("auto")}}) || !reflect.DeepEqual(unsaid, []string{"b 8:0 rw"}) {
		t.Errorf("%+v, unsaid %q", properties, unsaid)
	}
}
