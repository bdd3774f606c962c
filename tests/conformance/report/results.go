package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

// Results are what conformance.json holds.
type Results struct {
	Runtimes []string `json:"runtimes"`
	// LeftOut are those that cannot make any container on the machine that was used.
	LeftOut      []string `json:"leftOut,omitempty"`
	Requirements []Row    `json:"requirements"`
}

// A Row is a requirement and, for each runtime, the tests that it failed.
type Row struct {
	requirements.Requirement
	// Runtimes has "pass", "differs" (a difference that creel has on purpose), "fail",
	// or "not run" for each runtime that could be held to it.
	Runtimes map[string]string `json:"runtimes,omitempty"`
	// Failed names the tests that a runtime failed, and where.
	Failed map[string][]string `json:"failed,omitempty"`
}

func newResults(list []requirements.Requirement) *Results {
	r := &Results{}
	for _, requirement := range list {
		r.Requirements = append(r.Requirements, Row{requirement, map[string]string{}, map[string][]string{}})
	}
	return r
}

// worse orders how the tests of a requirement may end, in either view.
var worse = map[string]int{"": 0, "not run": 1, "pass": 2, "differs": 3, "fail": 4}

// add takes in how one run's tests ended. A test that was skipped is about the other view.
func (r *Results) add(runtime, view string, ends map[string]string) {
	for i := range r.Requirements {
		row := &r.Requirements[i]
		for _, name := range row.Tests {
			word := map[string]string{"PASS": "pass", "FAIL": "fail", "SKIP": "not run", "": "fail"}[ends[name]]
			if word == "not run" && requirements.Differs[name] != "" && strings.HasPrefix(runtime, "creel-") {
				word = "differs"
			}
			if word == "fail" {
				row.Failed[runtime] = append(row.Failed[runtime], name+" ("+view+")")
			}
			if worse[word] > worse[row.Runtimes[runtime]] {
				row.Runtimes[runtime] = word
			}
		}
	}
}

func (r *Results) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "conformance.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "conformance.md"), []byte(r.markdown()), 0o644)
}

// markdown is the table to read.
func (r *Results) markdown() string {
	var b strings.Builder
	b.WriteString("# Conformance\n\n" + intro + "\n")
	b.WriteString("| runtime | kept | differs | not kept |\n|---|---|---|---|\n")
	for _, name := range r.Runtimes {
		count := map[string]int{}
		for _, row := range r.Requirements {
			count[row.Runtimes[name]]++
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", name, count["pass"], count["differs"], count["fail"])
	}
	if len(r.LeftOut) > 0 {
		fmt.Fprintf(&b, "\nLeft out, as they make no container at all on the machine that was used: %s.\n", strings.Join(r.LeftOut, ", "))
	}
	section := ""
	for _, row := range r.Requirements {
		if row.Section != section {
			section = row.Section
			fmt.Fprintf(&b, "\n## %s\n\n| requirement | |%s\n|---|---|%s\n", section, strings.Join(heads(r.Runtimes), ""), strings.Repeat("---|", len(r.Runtimes)))
		}
		says := row.Says
		if row.Why != "" {
			says += "<br>*" + row.Why + "*"
		}
		fmt.Fprintf(&b, "| %s | %s |", says, row.Level)
		for _, name := range r.Runtimes {
			fmt.Fprintf(&b, " %s |", cell(row, name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func heads(names []string) (all []string) {
	for _, name := range names {
		all = append(all, " "+name+" |")
	}
	return all
}

func cell(row Row, runtime string) string {
	switch word := row.Runtimes[runtime]; {
	case row.Why != "":
		return "–"
	case word == "pass":
		return "yes"
	case word == "fail" && len(row.Failed[runtime]) > 0:
		return "**no**"
	default:
		return word
	}
}

const intro = "What the [runtime specification](https://github.com/opencontainers/runtime-spec) 1.3 asks of a runtime on Linux,\n" +
	"in our own words, and who keeps it. `make conformance-peers` writes this page and `conformance.json`, which also\n" +
	"names the failed tests and the places in the specification.\n" +
	"Every test is made to fail by a runtime that is wrong on purpose (`make conformance-mutants`). creel differs where it does as runc\n" +
	"and engines count on that. crun works on cgroup v2 only and is held to that view.\n"
