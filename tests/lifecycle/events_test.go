package lifecycle

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// event is a line of `creel events`.
type event struct {
	Type, ID string
	Data     *stats.Stats
}

func parseEvents(h *harness.H, text string) (list []event) {
	h.Helper()
	for line := range strings.Lines(text) {
		var e event
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		h.Must(d.Decode(&e))
		list = append(list, e)
	}
	return list
}

func TestStatisticsAreThoseOfTheContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("sleep 1000 & sleep 1000 & echo up; wait")))
	c.Says("up")
	list := parseEvents(h, h.Ok(h.Creel("events", "--stats", c.ID)).Stdout)
	if len(list) != 1 || list[0].Type != "stats" || list[0].ID != c.ID {
		t.Fatalf("%+v", list)
	}
	s := list[0].Data
	if s.Pids.Current != 3 || s.CPU.Usage.Total == 0 {
		t.Errorf("%+v", s)
	}
	if !harness.V2() && (s.Memory.Usage.Usage == 0 || s.Memory.Raw["pgfault"] == 0 || len(s.CPUSet.CPUs) == 0 || len(s.CPU.Usage.PerCPU) == 0) {
		t.Errorf("%+v", s)
	}
}

func TestEventsBringStatisticsUntilTheContainerEnds(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	events := h.Go(nil, "events", "--interval", "20ms", c.ID)
	h.Eventually("there are statistics", func() bool { return strings.Count(events.Output(), "\n") > 2 })
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	for _, e := range parseEvents(h, h.Ok(events.Result()).Stdout) {
		if e.Type != "stats" || e.ID != c.ID || e.Data == nil {
			t.Errorf("%+v", e)
		}
	}
}

func TestEventsOfAContainerThatIsDeletedMeanwhileEnd(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle())
	events := h.Go(nil, "events", "--interval", "20ms", c.ID)
	h.Eventually("there are statistics", func() bool { return events.Output() != "" })
	h.Ok(h.Creel("delete", "--force", c.ID))
	h.Ok(events.Result())
}

func TestSpentMemoryIsAnEvent(t *testing.T) {
	needsMemory(t)
	for name, deleted := range map[string]bool{"that stays": false, "that is deleted at once": true} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Create(h.Bundle(memory(8<<20), harness.Args("/bin/tail", "/dev/zero")))
			events := h.Go(nil, "events", "--interval", "1h", c.ID)
			h.Eventually("events are watched", func() bool {
				open := h.Host("ls -l /proc/" + itoa(events.Process.Pid) + "/fd")
				return contains(open, "[eventfd]") || contains(open, "inotify") // v1, v2
			})
			h.Ok(h.Creel("start", c.ID))
			h.WaitFor(c.ID, "stopped")
			if deleted {
				h.Ok(h.Creel("delete", c.ID))
			}
			list := parseEvents(h, h.Ok(events.Result()).Stdout)
			if len(list) == 0 {
				t.Fatal("no event")
			}
			for _, e := range list {
				if e.Type != "oom" || e.ID != c.ID || e.Data != nil {
					t.Errorf("%+v", e)
				}
			}
		})
	}
}

func TestOtherEndsAreNoEventOfMemory(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, harness.NoNamespace(specs.PIDNamespace)))
	events := h.Go(nil, "events", "--interval", "1h", c.ID)
	h.Eventually("events are watched", func() bool { return contains(h.Host("ls -l /proc/"+itoa(events.Process.Pid)+"/fd"), "[pidfd]") })
	h.Ok(h.Creel("delete", "--force", c.ID))
	expect(t, h.Ok(events.Result()).Stdout, "")
}

func TestWhatEventsCannotTellIsAnError(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	for _, flags := range [][]string{{"--stats"}, nil} {
		h.Fails(h.Creel(append([]string{"events", c.ID}, flags...)...), "container with id "+c.ID+" is not running")
	}
	for _, interval := range []string{"0s", "-1s"} {
		h.Fails(h.Creel("events", "--interval", interval, c.ID), "duration interval must be greater than 0")
	}
	h.Fails(h.Creel("events", "--interval", "5", c.ID), "invalid value", "interval")
	h.Fails(h.Creel("events", "nobody"), "container does not exist")
}
