package lifecycle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestListShowsEveryContainerInEachFormat(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	created, running, stopped := h.Create(b), h.Started(b), h.Started(b)
	h.Ok(h.Creel("kill", stopped.ID, "KILL"))
	h.WaitFor(stopped.ID, "stopped")
	want := map[string]string{created.ID: "created", running.ID: "running", stopped.ID: "stopped"}

	ids := strings.Fields(h.Ok(h.Creel("list", "-q")).Stdout)
	if slices.Sort(ids); len(ids) != 3 || want[ids[0]] == "" || want[ids[1]] == "" || want[ids[2]] == "" {
		t.Errorf("list -q: %q", ids)
	}

	var states []harness.State
	h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("list", "--format", "json")).Stdout), &states))
	if len(states) != 3 {
		t.Errorf("%d states", len(states))
	}
	for _, s := range states {
		if s.Status == "" || s.Status != want[s.ID] || s.Bundle != b || s.Owner != "root" || (s.Pid == 0) != (s.Status == "stopped") {
			t.Errorf("state %+v", s)
		}
	}

	lines := strings.Split(strings.TrimSuffix(h.Ok(h.Creel("list")).Stdout, "\n"), "\n")
	if f := strings.Fields(lines[0]); !slices.Equal(f, []string{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}) {
		t.Errorf("heading %q", lines[0])
	}
	for _, l := range lines[1:] {
		f := strings.Fields(l)
		if len(f) != 6 || f[2] != want[f[0]] || f[3] != b || f[5] != "root" {
			t.Errorf("line %q", l)
		}
		if f[2] == "stopped" && f[1] != "0" || f[2] != "stopped" && f[1] != strconv.Itoa(h.State(f[0]).Pid) {
			t.Errorf("line %q", l)
		}
		// the columns stand under their headings
		if at := strings.Index(lines[0], "STATUS"); !strings.HasPrefix(l[at:], f[2]) {
			t.Errorf("line %q under %q", l, lines[0])
		}
	}
}

func TestListOfNothingIsEmpty(t *testing.T) {
	h := harness.New(t)
	if out := h.Ok(h.Creel("list", "-q")).Stdout; out != "" {
		t.Errorf("list -q: %q", out)
	}
	expect(t, strings.Join(strings.Fields(h.Ok(h.Creel("list")).Stdout), " "), "ID PID STATUS BUNDLE CREATED OWNER")
	var states []harness.State
	h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("list", "-f", "json")).Stdout), &states))
	if len(states) > 0 {
		t.Errorf("states %+v", states)
	}
}

func TestListSurvivesAndNamesWhatItCannotRead(t *testing.T) {
	for name, record := range map[string]string{
		"garbage": "not json", "truncated": `{"version":1,"id":"bro`, "empty": "", "version": `{"version":99,"id":"broken"}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			good := h.Started(h.Bundle(harness.Sleep))
			h.WriteFile(filepath.Join(h.Root, "broken", "state.json"), record, 0o600)
			h.WriteFile(filepath.Join(h.Root, "a file"), "", 0o600)
			for _, args := range [][]string{{"list"}, {"list", "-q"}, {"list", "--format", "json"}} {
				r := h.Ok(h.Creel(args...))
				has(t, r.Stdout, good.ID)
				has(t, r.Stderr, "broken")
				if strings.Contains(r.Stdout, "broken") {
					t.Error(r)
				}
			}
			h.Fails(h.Creel("state", "broken"), "record of broken")
			h.Must(os.RemoveAll(filepath.Join(h.Root, "broken")))
			h.Must(os.Remove(filepath.Join(h.Root, "a file")))
		})
	}
}

func TestListRefusesAnUnknownFormat(t *testing.T) {
	h := harness.New(t)
	h.Fails(h.Creel("list", "--format", "xml"), `--format "xml"`)
}

// Most are records alone: what list does for each of them is the same.
func TestListOfAThousandContainersNamesThemAll(t *testing.T) {
	h := harness.New(t)
	running, stopped := h.Started(h.Bundle(harness.Sleep)), h.Started(h.Bundle())
	h.WaitFor(stopped.ID, "stopped")
	record, err := os.ReadFile(filepath.Join(h.Root, stopped.ID, "state.json"))
	h.Must(err)
	want := map[string]string{running.ID: "running", stopped.ID: "stopped"}
	for i := range 998 {
		id := "copy-" + strconv.Itoa(i)
		h.WriteFile(filepath.Join(h.Root, id, "state.json"), strings.ReplaceAll(string(record), stopped.ID, id), 0o600)
		t.Cleanup(func() { os.RemoveAll(filepath.Join(h.Root, id)) }) // nothing else is theirs
		want[id] = "stopped"
	}
	var states []harness.State
	h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("list", "--format", "json")).Stdout), &states))
	for _, s := range states {
		if want[s.ID] != s.Status {
			t.Errorf("%s is %s, want %q", s.ID, s.Status, want[s.ID])
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d are missing", len(want))
	}
	if ids := strings.Fields(h.Ok(h.Creel("list", "-q")).Stdout); len(ids) != 1000 {
		t.Errorf("list -q names %d", len(ids))
	}
	if lines := strings.Count(h.Ok(h.Creel("list")).Stdout, "\n"); lines != 1001 {
		t.Errorf("the table has %d lines", lines)
	}
}
