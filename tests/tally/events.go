package main

import (
	"fmt"
	"io"
	"strings"
)

// An event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output
	Test       string
	Output     string
	Elapsed    float64
}

// A test is one test function, example or subtest.
type test struct {
	name   string
	result string // pass, fail, skip; empty while it runs
	output strings.Builder
	parent bool // it has subtests, which are counted in its place
}

// A pkg is the tests of one package, in the order in which they started.
type pkg struct {
	name   string
	order  []*test
	byName map[string]*test
	output strings.Builder // what belongs to no test
	result string
}

// events follows the event stream and prints each package as it ends.
type events struct {
	out    io.Writer
	pkgs   map[string]*pkg
	build  map[string]*strings.Builder
	counts record
}

func newEvents(out io.Writer) *events {
	return &events{out: out, pkgs: map[string]*pkg{}, build: map[string]*strings.Builder{}}
}

func (ev *events) add(e event) {
	if e.Action == "build-output" {
		b := ev.build[e.ImportPath]
		if b == nil {
			b = &strings.Builder{}
			ev.build[e.ImportPath] = b
		}
		b.WriteString(e.Output)
		return
	}
	if e.Action == "build-fail" {
		if b := ev.build[e.ImportPath]; b != nil {
			io.WriteString(ev.out, b.String())
		}
		return
	}
	p := ev.pkgs[e.Package]
	if p == nil {
		p = &pkg{name: e.Package, byName: map[string]*test{}}
		ev.pkgs[e.Package] = p
	}
	p.add(e)
	if e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
		ev.close(p, e)
	}
}

func (p *pkg) add(e event) {
	if e.Test == "" {
		if e.Action == "output" {
			p.output.WriteString(e.Output)
		}
		return
	}
	name := e.Test
	if fuzz, _, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(name, "Fuzz") {
		name = fuzz // the seeds of a fuzz test are one test, not hundreds
		if e.Action != "output" && e.Action != "fail" {
			return
		}
	}
	t := p.byName[name]
	if t == nil {
		t = &test{name: name}
		p.byName[name] = t
		p.order = append(p.order, t)
		if i := strings.LastIndexByte(name, '/'); i > 0 && p.byName[name[:i]] != nil {
			p.byName[name[:i]].parent = true
		}
	}
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.result = e.Action
	}
}

// close counts a finished package, and prints a line for it and the output of each test that failed.
func (ev *events) close(p *pkg, e event) {
	p.result = e.Action
	r := p.count(ev.out)
	if e.Action == "fail" && r.Failed == 0 {
		r.Failed++ // it did not build, or crashed outside a test
		io.WriteString(ev.out, p.output.String())
	}
	word := "ok"
	if r.Failed > 0 {
		word = "FAIL"
	}
	if r.Failed > 0 || r.Passed+r.Skipped > 0 {
		fmt.Fprintf(ev.out, "  %-8s %s: %d tests, %.1f s\n", word, p.name, r.Passed+r.Failed+r.Skipped, e.Elapsed)
	}
	ev.counts.Passed += r.Passed
	ev.counts.Failed += r.Failed
	ev.counts.Skipped += r.Skipped
}

// count counts leaf tests, and a parent only where it says something that its
// subtests don't: that it failed or was skipped by itself.
func (p *pkg) count(out io.Writer) (r record) {
	childFailed := map[string]bool{}
	for _, t := range p.order {
		if t.result == "" {
			t.result = "fail" // it was running when the package crashed
		}
		if t.result == "fail" {
			for name := t.name; strings.Contains(name, "/"); {
				name = name[:strings.LastIndexByte(name, '/')]
				childFailed[name] = true
			}
		}
	}
	for _, t := range p.order {
		switch {
		case t.result == "fail":
			fmt.Fprintf(out, "%s", t.output.String())
			if !childFailed[t.name] {
				r.Failed++
			}
		case t.result == "skip":
			r.Skipped++
			fmt.Fprintf(out, "  SKIP     %s %s: %s\n", p.name, t.name, reason(t.output.String()))
		case !t.parent:
			r.Passed++
		}
	}
	return r
}

// reason finds what a skipped test said, in "    file_test.go:12: why".
func reason(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}

// finish closes the packages whose end was never reported.
func (ev *events) finish(r *record) {
	for _, p := range ev.pkgs {
		if p.result == "" {
			ev.close(p, event{Action: "fail"})
		}
	}
	r.Passed, r.Failed, r.Skipped = ev.counts.Passed, ev.counts.Failed, ev.counts.Skipped
}
