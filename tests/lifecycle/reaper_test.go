package lifecycle

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// hostPids leaves the container in the runtime's pid namespace.
var hostPids = harness.NoNamespace(specs.PIDNamespace)

// zombies counts the ended children of a process that nobody has waited for.
func zombies(h *harness.H, parent int) (n int) {
	h.Helper()
	entries, err := os.ReadDir("/proc")
	h.Must(err)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, err := procstat.Read(pid); err == nil && p.Ended() && p.Field(4) == strconv.Itoa(parent) {
			n++
		}
	}
	return n
}

func TestWithoutAPidNamespaceRunReapsOrphans(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, hostPids, harness.Script(`
		i=0; while [ $i -lt 60 ]; do (sleep 0.01 &); i=$((i+1)); done
		echo up; exec sleep 1000`))
	h.Eventually("all orphans are reaped", func() bool {
		return zombies(h, c.Process.Process.Pid) == 0 && len(h.CgroupPids(harness.AnyCgroup, c.ID)) == 1
	})
	h.Ok(h.Creel("kill", c.ID, "TERM"))
	if r := c.Result(); r.Status != 128+15 {
		t.Error(r)
	}
}

func TestWithoutAPidNamespaceOrphansDoNotUseUpTheLimitOnTasks(t *testing.T) {
	harness.Needs(t, "pids")
	h := harness.New(t)
	r := h.Ok(h.Run(h.Bundle(hostPids,
		resources(func(r *specs.LinuxResources) { r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(25))} }),
		harness.Script(`i=0; while [ $i -lt 60 ]; do (sleep 0.01 &); sleep 0.02; i=$((i+1)); done; echo all $i; exit 0`))))
	if r.Stdout != "all 60\n" || r.Stderr != "" {
		t.Error(r)
	}
}

// adopted tells who becomes the parent of a hook's child that outlives the hook, while creel lives.
func adopted(t *testing.T, flags []string, mutate ...harness.Mutate) string {
	t.Helper()
	h := harness.New(t)
	file := h.Path("parent")
	orphan := h.Script("orphan", `
		while read -r _ _ _ p _ < /proc/$$/stat; [ "$p" = "$1" ]; do sleep 0.01; done
		if [ "$p" = "$2" ]; then echo creel; else echo another; fi > `+file+`.new
		mv `+file+`.new `+file)
	b := h.Bundle(append(mutate,
		hook("poststart", orphan+" $$ $PPID & exit 0"),
		hook("poststart", "while [ ! -e "+file+" ]; do sleep 0.01; done"), harness.Args("/bin/true"))...)
	id := h.ID()
	h.Ok(h.Creel(append(append([]string{"run", "--bundle", b}, flags...), id)...))
	text, err := os.ReadFile(file)
	h.Must(err)
	return strings.TrimSpace(string(text))
}

func TestRunIsASubreaperOnlyInTheForegroundAndWithoutAPidNamespace(t *testing.T) {
	for name, tt := range map[string]struct {
		want   string
		flags  []string
		mutate harness.Mutate
	}{
		"host pids":               {"creel", nil, hostPids},
		"pids joined":             {"creel", nil, harness.Namespace(specs.PIDNamespace, "/proc/self/ns/pid")},
		"host pids, no subreaper": {"another", []string{"--no-subreaper"}, hostPids},
		"host pids, detached":     {"another", []string{"--detach"}, hostPids},
		"its own pids":            {"another", nil, func(*specs.Spec) {}},
	} {
		t.Run(name, func(t *testing.T) { expect(t, adopted(t, tt.flags, tt.mutate), tt.want) })
	}
}

func TestWithNoSubreaperOrphansAreTheMachines(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	c := &harness.Container{Process: h.Go(nil, "run", "--no-subreaper", "--bundle", h.Bundle(hostPids, harness.Script(
		`(sleep 1000 & echo $! up); exec sleep 1000`)), id), ID: id}
	c.Says("up")
	orphan, _, _ := strings.Cut(c.Output(), " ")
	pid, err := strconv.Atoi(orphan)
	h.Must(err)
	h.Eventually("the orphan belongs to process 1", func() bool { return parentOf(h, pid) == "1" })
	h.Ok(h.Creel("kill", id, "KILL"))
	if r := c.Result(); r.Status != 128+9 {
		t.Error(r)
	}
}

// parentOf returns the parent of a process, as a number.
func parentOf(h *harness.H, pid int) string {
	h.Helper()
	stat := h.ProcFile(pid, "stat")
	return strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])[1]
}
