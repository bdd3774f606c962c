package rdt

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/rdt/rdttest"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// told are the statistics of a group as another process reads them.
func told(t *testing.T, g *Group) string {
	t.Helper()
	s, err := Open(g.Record()).Stats()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	machineL3 = `"l3_cache_info":{"cbm_mask":"7ff","min_cbm_bits":1,"num_closids":16},"l3_cache_schema_root":"L3:0=7ff;1=7ff"`
	machineMB = `"mem_bw_info":{"bandwidth_gran":10,"delay_linear":1,"min_bandwidth":10,"num_closids":8},"mem_bw_schema_root":"MB:0=100;1=100"`
)

func TestStatisticsAreThoseOfTheGroupAndOfTheMachine(t *testing.T) {
	fs := rdttest.Mount(t)
	g := made(t, fs, "web", specs.LinuxIntelRdt{L3CacheSchema: "L3:0=f;1=3", MemBwSchema: "MB:0=20;1=30"})
	fs.Set("web/mon_data/mon_L3_00/llc_occupancy", "1001")
	fs.Set("web/mon_data/mon_L3_00/mbm_total_bytes", "1002")
	fs.Set("web/mon_data/mon_L3_00/mbm_local_bytes", "1003")
	fs.Set("web/mon_data/mon_L3_01/llc_occupancy", "2001")
	fs.Set("web/mon_data/mon_L3_01/mbm_total_bytes", "18446744073709551615")
	fs.Set("mon_data/mon_L3_00/llc_occupancy", "666") // the machine's
	want := `{` + machineL3 + `,"l3_cache_schema":"L3:0=f;1=3",` + machineMB + `,"mem_bw_schema":"MB:0=20;1=30","schemata":["MB:0=20;1=30","    L3:0=f;1=3"],` +
		`"mbm_stats":[{"mbm_total_bytes":1002,"mbm_local_bytes":1003},{"mbm_total_bytes":18446744073709551615,"mbm_local_bytes":0}],` +
		`"cmt_stats":[{"llc_occupancy":1001},{"llc_occupancy":2001}]}`
	if got := told(t, g); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAMonitoringGroupCountsForItsContainerAlone(t *testing.T) {
	fs := rdttest.Mount(t)
	fs.Lack("mbm_total_bytes")
	fs.Lack("mbm_local_bytes")
	fs.Group(t, "gold")
	g := made(t, fs, "web", specs.LinuxIntelRdt{ClosID: "gold", EnableMonitoring: true})
	fs.Set("gold/mon_data/mon_L3_00/llc_occupancy", "666") // of all in that group
	fs.Set("gold/mon_groups/web/mon_data/mon_L3_00/llc_occupancy", "7")
	if got := told(t, g); !strings.HasSuffix(got, `,"cmt_stats":[{"llc_occupancy":7},{"llc_occupancy":0}]}`) || strings.Contains(got, "mbm_stats") {
		t.Errorf("got %s", got)
	}
	root := made(t, fs, "old", specs.LinuxIntelRdt{ClosID: "/"})
	fs.Set("mon_data/mon_L3_01/llc_occupancy", "8")
	if got := told(t, root); !strings.HasSuffix(got, `,"cmt_stats":[{"llc_occupancy":0},{"llc_occupancy":8}]}`) {
		t.Errorf("the root's group: %s", got)
	}
}

func TestWhatTheMachineHasNotIsLeftOutOfTheStatistics(t *testing.T) {
	fs := rdttest.Mount(t)
	g := made(t, fs, "web", specs.LinuxIntelRdt{})
	const schemata = `"schemata":["MB:0=100;1=100","    L3:0=7ff;1=7ff"]`
	for _, c := range []struct{ lacks, want string }{
		{"llc_occupancy", `{` + machineL3 + `,"l3_cache_schema":"L3:0=7ff;1=7ff",` + machineMB + `,"mem_bw_schema":"MB:0=100;1=100",` + schemata +
			`,"mbm_stats":[{"mbm_total_bytes":0,"mbm_local_bytes":0},{"mbm_total_bytes":0,"mbm_local_bytes":0}]}`},
		{"info/L3", `{` + machineMB + `,"mem_bw_schema":"MB:0=100;1=100",` + schemata +
			`,"mbm_stats":[{"mbm_total_bytes":0,"mbm_local_bytes":0},{"mbm_total_bytes":0,"mbm_local_bytes":0}]}`},
		{"mbm_local_bytes", `{` + machineMB + `,"mem_bw_schema":"MB:0=100;1=100",` + schemata +
			`,"mbm_stats":[{"mbm_total_bytes":0,"mbm_local_bytes":0},{"mbm_total_bytes":0,"mbm_local_bytes":0}]}`},
		{"mbm_total_bytes", `{` + machineMB + `,"mem_bw_schema":"MB:0=100;1=100",` + schemata + `}`},
		{"info/MB/delay_linear", `{` + strings.Replace(machineMB, `"delay_linear":1,`, "", 1) + `,"mem_bw_schema":"MB:0=100;1=100",` + schemata + `}`},
		{"info/MB", `{` + schemata + `}`},
	} {
		fs.Lack(c.lacks)
		if got := told(t, g); got != c.want {
			t.Errorf("without %s:\ngot  %s\nwant %s", c.lacks, got, c.want)
		}
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if got := told(t, g); got != "{}" {
		t.Errorf("of a group that is gone: %s", got)
	}
}

func TestACounterThatDoesNotCountIsZeroAndOneThatIsNoNumberAnError(t *testing.T) {
	fs := rdttest.Mount(t)
	fs.Lack("mbm_local_bytes")
	fs.Lack("llc_occupancy")
	g := made(t, fs, "web", specs.LinuxIntelRdt{})
	const counter = "web/mon_data/mon_L3_00/mbm_total_bytes"
	for _, word := range []string{"Unavailable", "Unassigned", "Error"} {
		fs.Set(counter, word)
		if got := told(t, g); !strings.Contains(got, `"mbm_stats":[{"mbm_total_bytes":0,`) {
			t.Errorf("%s: %s", word, got)
		}
	}
	fs.Set(counter, "many")
	if _, err := g.Stats(); err == nil || !strings.Contains(err.Error(), fs.Dir+"/"+counter+`: "many" is not what the kernel writes there`) {
		t.Error(err)
	}
}

// AMD's slow memory, SMBA, and caches that code and data share out (CDP) are other resources.
func TestOnlyTheLineOfTheResourceItselfIsItsSchema(t *testing.T) {
	lines := []string{"SMBA:0=2048", "    MB:0=100", "L3CODE:0=f"}
	if mb, l3 := of("MB", lines), of("L3", lines); mb != "MB:0=100" || l3 != "" {
		t.Errorf("MB %q, L3 %q", mb, l3)
	}
}
