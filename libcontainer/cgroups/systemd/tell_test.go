package systemd

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

// said writes a table's properties for files with these texts.
func said(t *testing.T, table []limit, texts map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	dirs := map[string]string{}
	for _, l := range table {
		key := l.controller
		dirs[key] = filepath.Join(dir, key)
		os.MkdirAll(dirs[key], 0o755)
		for _, f := range l.files {
			if text, ok := texts[f]; ok {
				if err := os.WriteFile(filepath.Join(dirs[key], f), []byte(text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	got := map[string]string{}
	for _, l := range table {
		if read := l.read(dirs); read != nil {
			for _, p := range l.properties(read) {
				got[p.Name] = p.Value
			}
		}
	}
	return got
}

func TestLimitsOfV2AreProperties(t *testing.T) {
	got := said(t, limits[:], map[string]string{
		"cpu.weight": "59", "cpu.max": "1500 100000", "cpuset.cpus": "0-3,7", "memory.max": "max", "memory.low": "0",
		"pids.max": "12", "io.weight": "default 200\n8:0 300",
	})
	want := map[string]string{
		"CPUWeight": "59", "CPUQuotaPerSecUSec": "20000", "CPUQuotaPeriodUSec": "100000", "AllowedCPUs": "0-3,7", "MemoryMax": infinity, "MemoryLow": "0",
		"TasksMax": "12", "IOWeight": "200",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestLimitsOfV1AreProperties(t *testing.T) {
	got := said(t, limitsV1[:], map[string]string{
		"cpu.shares": "2048", "cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "50000", "memory.limit_in_bytes": "9223372036854771712",
		"pids.max": "max", "blkio.bfq.weight": "500",
	})
	want := map[string]string{
		"CPUShares": "2048", "CPUQuotaPerSecUSec": infinity, "CPUQuotaPeriodUSec": "50000", "MemoryLimit": infinity, "TasksMax": infinity, "BlockIOWeight": "500",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAShareOfTheProcessorIsRoundedUpToWholePercents(t *testing.T) {
	for text, want := range map[string]string{
		"50000 100000": "500000", "1 100000": "10000", "1001 100000": "20000", "300000 100000": "3000000", "max 100000": infinity,
	} {
		if got := quota([]string{text})[0].Value; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestPropertiesOfTheConfigComeLastAndInOrder(t *testing.T) {
	g := &Group{Files: noFiles{}, unit: Unit{Name: "u.scope", Slice: "s.slice"}, properties: map[string]string{"B": "2", "A": "1"}}
	all, err := g.scopeProperties()
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.Property{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}
	if got := all[len(all)-2:]; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

type noFiles struct{ Files }

func (noFiles) Record() driver.Record { return driver.Record{} }

func TestDevicesAreSaidAsFarAsSystemdKnowsThem(t *testing.T) {
	rule := func(allow bool, types devrules.Types, major, minor int64) devrules.Rule {
		return devrules.Rule{Allow: allow, Types: types, Major: major, Minor: minor, Access: devrules.Read | devrules.Write}
	}
	properties, unsaid := deviceProperties(devrules.List{Rules: []devrules.Rule{
		rule(true, devrules.Char, 1, 3), rule(true, devrules.Block, 8, devrules.Any), rule(true, devrules.Both, devrules.Any, devrules.Any), rule(true, devrules.Char, devrules.Any, 7),
	}})
	if want := "/dev/char/1:3 rw\nblock-8 rw\nchar-* rw\nblock-* rw\n"; len(properties) != 2 || properties[0].Value != "strict" || properties[1].Value != want {
		t.Errorf("%+v", properties)
	}
	if !reflect.DeepEqual(unsaid, []string{"c *:7 rw"}) {
		t.Errorf("unsaid %q", unsaid)
	}
	properties, unsaid = deviceProperties(devrules.List{Allow: true, Rules: []devrules.Rule{rule(false, devrules.Block, 8, 0)}})
	if len(properties) != 1 || properties[0].Value != "auto" || !reflect.DeepEqual(unsaid, []string{"b 8:0 rw"}) {
		t.Errorf("%+v, unsaid %q", properties, unsaid)
	}
}
