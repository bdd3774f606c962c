package lifecycle

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// psLines are the lines of a table behind its heading.
func psLines(h *harness.H, args ...string) []string {
	h.Helper()
	_, rest, _ := strings.Cut(h.Ok(h.Creel(append([]string{"ps"}, args...)...)).Stdout, "\n")
	if rest == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
}

func psPids(h *harness.H, id string) (pids []int) {
	h.Helper()
	h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("ps", "--format", "json", id)).Stdout), &pids))
	return pids
}

func TestPsListsTheProcessesOfTheContainerAndNoOther(t *testing.T) {
	h := harness.New(t)
	other := h.Started(h.Bundle(harness.Args("/bin/sleep", "1000")))
	c := h.Started(h.Bundle(harness.Script("sleep 1000 & echo up; wait")))
	c.Says("up")
	init := h.State(c.ID).Pid
	pids := psPids(h, c.ID)
	if len(pids) != 2 || !slices.Contains(pids, init) || !slices.IsSorted(pids) {
		t.Errorf("pids %v, init is %d", pids, init)
	}
	lines := psLines(h, c.ID)
	if len(lines) != 2 {
		t.Fatalf("%q", lines)
	}
	for _, l := range lines {
		if pid, err := strconv.Atoi(strings.Fields(l)[1]); err != nil || !slices.Contains(pids, pid) {
			t.Errorf("%q is not of %v", l, pids)
		}
	}
	if got := psPids(h, other.ID); !slices.Equal(got, []int{h.State(other.ID).Pid}) {
		t.Errorf("the other has %v", got)
	}
}

func TestPsPassesItsOptionsOn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Args("/bin/sleep", "1000")))
	pid := itoa(h.State(c.ID).Pid)
	for _, options := range [][]string{{"-e", "-o", "pid,args"}, {"-e", "-o", "pid=PID", "-o", "args"}} {
		lines := psLines(h, append([]string{c.ID}, options...)...)
		if len(lines) != 1 || strings.Join(strings.Fields(lines[0]), " ") != pid+" /bin/sleep 1000" {
			t.Errorf("%q: %q", options, lines)
		}
	}
	h.Fails(h.Creel("ps", c.ID, "-o", "args"), "ps "+c.ID+": couldn't find PID field in ps output")
	h.Fails(h.Creel("ps", c.ID, "--no-such-option"), "ps "+c.ID+": exit status 1: ", "unknown gnu long option")
	h.Fails(h.Creel("ps", "--format", "xml", c.ID), "invalid format option")
	h.Fails(h.Creel("ps", "nobody"), "container does not exist")
}

func TestPsShowsThreadsWhereItsOptionsAskForThem(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle())
	// busybox has one thread only, a Go program more
	threads := h.Go(nil, "events", "--interval", "1h", c.ID)
	h.WriteFile(harness.CgroupDir("freezer", c.ID)+"/cgroup.procs", itoa(threads.Process.Pid), 0o644)
	h.Eventually("there are several threads", func() bool { return len(psLines(h, c.ID, "-eLf")) > 2 })
	for _, l := range psLines(h, c.ID, "-eLf") {
		if pid := strings.Fields(l)[1]; pid != itoa(threads.Process.Pid) && pid != itoa(h.State(c.ID).Pid) {
			t.Errorf("%q", l)
		}
	}
	if lines := psLines(h, c.ID); len(lines) != 2 {
		t.Errorf("%q", lines)
	}
}

func TestPsSeesProcessesInCgroupsThatTheContainerMade(t *testing.T) {
	h := harness.New(t)
	dir := "/sys/fs/cgroup"
	if !harness.V2() {
		dir += "/freezer" // the hierarchy that processes are looked up in
	}
	c := h.Started(h.Bundle(func(s *specs.Spec) { s.Mounts[6].Options = []string{"nosuid"} },
		harness.Script("mkdir "+dir+"/sub && { sleep 1000 & } && echo $! > "+dir+"/sub/cgroup.procs; echo up; wait")))
	c.Says("up")
	if pids := psPids(h, c.ID); len(pids) != 2 {
		t.Errorf("pids %v", pids)
	}
}

func TestPsOfAStoppedContainerIsEmpty(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	expect(t, h.Ok(h.Creel("ps", "-f", "json", c.ID)).Stdout, "null\n")
	if lines := psLines(h, c.ID); len(lines) > 0 {
		t.Errorf("%q", lines)
	}
}

func TestPsWithoutThePsOfTheHostSaysSo(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle())
	t.Setenv("PATH", "/nowhere")
	h.Fails(h.Creel("ps", c.ID), `"ps": executable file not found in $PATH`)
	h.Ok(h.Creel("ps", "-f", "json", c.ID))
}

func TestPsSeesProcessesInThreadedCgroups(t *testing.T) {
	if !harness.V2() {
		t.Skip("cgroup v1 has none: the other view has")
	}
	h := harness.New(t)
	const dir = "/sys/fs/cgroup/threads"
	c := h.Started(h.Bundle(func(s *specs.Spec) { s.Mounts[6].Options = []string{"nosuid"} },
		harness.Script("mkdir "+dir+" && echo threaded > "+dir+"/cgroup.type && { sleep 1000 & } && echo $! > "+dir+"/cgroup.procs && echo up; wait")))
	c.Says("up")
	if pids := psPids(h, c.ID); len(pids) != 2 {
		t.Errorf("pids %v", pids)
	}
}
