package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

func TestTheWorstEndOfARequirementsTestsCounts(t *testing.T) {
	list := []requirements.Requirement{
		{ID: "a", Tests: []string{"A", "B"}}, {ID: "b", Tests: []string{"C"}}, {ID: "c", Why: "no"}, {ID: "d", Tests: []string{"D"}},
	}
	r := newResults(list)
	r.add("x", "v1", map[string]string{"A": "PASS", "B": "PASS", "C": "SKIP", "D": "SKIP"})
	r.add("x", "v2", map[string]string{"A": "PASS", "B": "FAIL", "C": "PASS", "D": "SKIP"})
	got := map[string]string{}
	for _, row := range r.Requirements {
		got[row.ID] = row.Runtimes["x"]
	}
	want := map[string]string{"a": "fail", "b": "pass", "c": "", "d": "not run"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if failed := r.Requirements[0].Failed["x"]; !reflect.DeepEqual(failed, []string{"B (v2)"}) {
		t.Errorf("%v", failed)
	}
}

func TestATestThatDidNotRunAtAllHasFailed(t *testing.T) {
	r := newResults([]requirements.Requirement{{ID: "a", Tests: []string{"A"}}})
	r.add("x", "v1", map[string]string{})
	if got := r.Requirements[0].Runtimes["x"]; got != "fail" {
		t.Error(got)
	}
}

// The pages of docs are written by make conformance-peers.
func TestThePublishedResultsAreOfTheseRequirements(t *testing.T) {
	text, err := os.ReadFile("../../../docs/conformance.json")
	if err != nil {
		t.Fatal(err)
	}
	var published Results
	if err := json.Unmarshal(text, &published); err != nil {
		t.Fatal(err)
	}
	list, err := requirements.List()
	if err != nil {
		t.Fatal(err)
	}
	var rows []requirements.Requirement
	for _, row := range published.Requirements {
		rows = append(rows, row.Requirement)
		for name, word := range row.Runtimes {
			if strings.HasPrefix(name, "creel-") && word != "pass" && word != "differs" {
				t.Errorf("%s: creel's result is %q", row.ID, word)
			}
		}
	}
	if !reflect.DeepEqual(rows, list) {
		t.Error("docs/conformance.json is of other requirements: make conformance-peers")
	}
	page, err := os.ReadFile("../../../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	if published.markdown() != string(page) {
		t.Error("docs/conformance.md is not the page of docs/conformance.json: make conformance-peers")
	}
}
