package docker

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestTopShowsTheContainersProcesses(t *testing.T) {
	d := begin(t)
	c := d.start("", "sleep 1001 & sleep 1002")
	d.Eventually("both run", func() bool {
		top := d.ok("top", c, "-o", "pid,args")
		return strings.Contains(top, "sleep 1001") && strings.Contains(top, "sleep 1002")
	})
}

func TestStatsShowWhatAContainerUses(t *testing.T) {
	harness.Needs(t, "memory")
	d := begin(t)
	c := d.start("--memory 64m", "sleep 1000 & sleep 1000 & touch /both; wait")
	d.Eventually("all processes are there", func() bool { return d.do("", "exec", c, "test", "-e", "/both").Status == 0 })
	wantMatch(t, d.do("", "stats", "--no-stream", "--format", "{{.PIDs}} {{.MemUsage}}", c), `^3 [0-9.]+[KM]iB / 64MiB$`)
}

func TestAPausedContainerStandsStill(t *testing.T) {
	d := begin(t)
	c := d.start("", "while :; do echo turn; sleep 0.01; done")
	turns := func() int { return strings.Count(d.ok("logs", c), "turn") }
	d.Eventually("it runs", func() bool { return turns() > 0 })
	d.ok("pause", c)
	d.wantState(c, "paused true", "{{.State.Status}} {{.State.Paused}}")
	before := turns()
	d.fails(d.do("", "exec", c, "true"), "paused", 1)
	if after := turns(); after > before+1 { // a line may be on its way
		t.Errorf("%d turns became %d while it was paused", before, after)
	}
	d.ok("unpause", c)
	d.Eventually("it runs again", func() bool { return turns() > before+1 })
}

func TestAPausedContainerCanBeKilledAndRemoved(t *testing.T) {
	d := begin(t)
	c := d.start("", "sleep 1000")
	d.ok("pause", c)
	d.ok("rm", "--force", c)
}

func TestUpdateChangesLimitsOfARunningContainer(t *testing.T) {
	d := begin(t)
	c := d.start("--memory 64m --memory-swap 64m", "sleep 1000")
	for _, tt := range []struct{ name, flags, script, want string }{
		{"memory", "--memory 96m --memory-swap 128m", "cg memory.max memory/memory.limit_in_bytes", "^100663296$"},
		{"less memory", "--memory 32m --memory-swap 32m", "cg memory.swap.max memory/memory.memsw.limit_in_bytes", "^(0|33554432)$"},
		{"reservation", "--memory-reservation 16m", "cg memory.low memory/memory.soft_limit_in_bytes", "^16777216$"},
		{"cpus", "--cpus 0.25", "cg cpu.max cpu/cpu.cfs_quota_us", "^25000( 100000)?$"},
		{"shares", "--cpu-shares 2048", "cg cpu.weight cpu/cpu.shares", "^(79|[0-9]{3}|2048)$"},
		{"cpuset", "--cpuset-cpus 0", "cg cpuset.cpus cpuset/cpuset.cpus", "^0$"},
		{"pids", "--pids-limit 33", "cg pids.max pids/pids.max", "^33$"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			needs(t, tt.flags, tt.script)
			d.ok(append(append([]string{"update"}, words(tt.flags)...), c)...)
			wantMatch(t, d.in(t).do("", "exec", c, "sh", "-c", tt.script), tt.want)
		})
	}
	d.ok("update", "--restart", "always", c)
	d.ok("update", "--restart", "no", c)
}

const trapping = "trap 'echo usr1' USR1; trap 'echo usr2; exit 5' USR2; trap 'echo term; exit 6' TERM; echo ready; while :; do sleep 0.01; done"

func TestSignalsReachTheProcess(t *testing.T) {
	d := begin(t)
	c := d.start("--stop-signal USR2", trapping)
	said := func(what string) {
		t.Helper()
		d.Eventually("it said "+what, func() bool { return strings.HasSuffix(d.ok("logs", c), what) })
	}
	said("ready")
	d.ok("kill", "--signal", "USR1", c)
	said("usr1")
	d.ok("stop", c)
	said("usr2")
	d.wantState(c, "exited 5", "{{.State.Status}} {{.State.ExitCode}}")
	d.ok("start", c)
	d.Eventually("it is ready again", func() bool { return strings.Count(d.ok("logs", c), "ready") == 2 })
	d.ok("kill", "--signal", "15", c)
	said("term")
	d.ok("wait", c)
	d.ok("start", c)
	d.ok("restart", "--time", "5", c)
	d.ok("kill", c)
	d.ok("wait", c)
	d.wantState(c, "exited 137", "{{.State.Status}} {{.State.ExitCode}}")
}

func TestAContainerThatHeedsNoSignalIsKilledInTheEnd(t *testing.T) {
	d := begin(t)
	c := d.start("", "trap '' TERM; sleep 1000")
	d.ok("stop", "--time", "1", c)
	d.wantState(c, "exited 137", "{{.State.Status}} {{.State.ExitCode}}")
}
