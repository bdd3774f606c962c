package badinput

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestValuesThatAreNoLimitsAreNamed(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for _, bad := range []struct {
		args string
		want []string
	}{
		{"--memory lots", []string{`--memory "lots"`}},
		{"--memory 12x", []string{`--memory "12x"`}},
		{"--memory -2", []string{`--memory "-2"`}},
		{"--memory 99999999999g", []string{"--memory"}},
		{"--memory-swap 1z", []string{`--memory-swap "1z"`}},
		{"--memory-reservation m", []string{`--memory-reservation "m"`}},
		{"--kernel-memory x", []string{`--kernel-memory "x"`}},
		{"--kernel-memory-tcp x", []string{`--kernel-memory-tcp "x"`}},
		{"--memory 2m --memory-swap 1m", []string{"linux.resources.memory.swap", "1048576", "2097152"}},
		{"--memory -1 --memory-swap 1m", []string{"linux.resources.memory.swap", "1048576"}},
		{"--cpu-period ten", []string{`--cpu-period "ten"`, "invalid syntax"}},
		{"--cpu-period -1", []string{`--cpu-period "-1"`, "invalid syntax"}},
		{"--cpu-period 1", []string{"linux.resources.cpu.period", "1 "}},
		{"--cpu-quota 1.5", []string{`--cpu-quota "1.5"`}},
		{"--cpu-quota -7", []string{"linux.resources.cpu.quota", "-7"}},
		{"--cpu-burst -1", []string{`--cpu-burst "-1"`}},
		{"--cpu-burst 9000 --cpu-quota 5000", []string{"linux.resources.cpu.burst", "9000", "5000"}},
		{"--cpu-share 18446744073709551616", []string{`--cpu-share "18446744073709551616"`, "out of range"}},
		{"--cpu-rt-period x", []string{`--cpu-rt-period "x"`}},
		{"--cpu-rt-runtime x", []string{`--cpu-rt-runtime "x"`}},
		{"--cpu-rt-runtime 9 --cpu-rt-period 5", []string{"linux.resources.cpu.realtimeRuntime"}},
		{"--cpu-idle yes", []string{`--cpu-idle "yes"`}},
		{"--cpu-idle 2", []string{"linux.resources.cpu.idle", "2"}},
		{"--cpuset-cpus a-b", []string{"linux.resources.cpu.cpus", `"a-b"`}},
		{"--cpuset-mems 3-1", []string{"linux.resources.cpu.mems", `"3-1"`}},
		{"--blkio-weight 5", []string{"linux.resources.blockIO.weight", "5"}},
		{"--blkio-weight 70000", []string{"--blkio-weight 70000"}},
		{"--blkio-weight -1", []string{"--blkio-weight -1"}},
		{"--blkio-weight many", []string{"blkio-weight", "many"}},
		{"--pids-limit -2", []string{"linux.resources.pids.limit", "-2"}},
		{"--pids-limit few", []string{"pids-limit", "few"}},
		{"--l3-cache-schema L3:0=f", []string{`--l3-cache-schema "L3:0=f"`, "linux.intelRdt", "resctrl"}},
		{"--mem-bw-schema MB:0=50", []string{"--mem-bw-schema", "MB:0=50", "linux.intelRdt"}},
		{"--resources " + h.Path("missing"), []string{"--resources", h.Path("missing"), "no such file or directory"}},
		{"--resources " + h.Root, []string{"--resources", h.Root, "is a directory"}},
		{"--no-such-flag", []string{"no-such-flag"}},
		{"more", []string{"requires exactly 1 argument"}},
	} {
		args := append([]string{"update"}, strings.Fields(bad.args)...)
		h.Fails(h.Creel(append(args, c.ID)...), bad.want...)
	}
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestResourcesThatAreNoneAreNamed(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for text, want := range map[string]string{
		"":                                    "--resources -: ",
		"[]":                                  "--resources -: ",
		"{":                                   "--resources -: ",
		`{"pids": {"limit": 5}} {"pids": {}}`: "--resources -: ",
		`{"pids": {"limit": "5"}}`:            "pids.limit",
		`{"pids": {"limit": 1e99}}`:           "pids.limit",
		`{"memory": {"limit": -5}}`:           "linux.resources.memory.limit: -5",
		`{"unified": {"../x.y": "1"}}`:        "linux.resources.unified",
		`{"hugepageLimits": [{"pageSize": "2X", "limit": 1}]}`:                           "linux.resources.hugepageLimits[0].pageSize",
		`{"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]}`:                          "linux.resources.hugepageLimits[0]",
		`{"network": {"classID": 5}}`:                                                    "linux.resources.network",
		`{"blockIO": {"throttleReadBpsDevice": [{"major": -1, "minor": 0, "rate": 1}]}}`: "linux.resources.blockIO.throttleReadBpsDevice[0].major",
		strings.Repeat(" ", 1<<20) + "{}":                                                "--resources -: more than 1048576 bytes",
	} {
		p := h.Go(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(text) }, "update", "--resources", "-", c.ID)
		h.Fails(p.Result(), want)
	}
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestADamagedRecordIsNotUpdated(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	record := h.Root + "/" + c.ID + "/state.json"
	text, err := os.ReadFile(record)
	h.Must(err)
	h.WriteFile(record, "{", 0o600)
	for _, args := range [][]string{{"pause", c.ID}, {"resume", c.ID}, {"update", "--pids-limit", "5", c.ID}} {
		h.Fails(h.Creel(args...), "record of "+c.ID)
	}
	h.WriteFile(record, string(text), 0o600)
}
