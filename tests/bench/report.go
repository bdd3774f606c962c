package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A report is what docs/bench.json holds.
type report struct {
	Date     string                       `json:"date"`
	Machine  machine                      `json:"machine"`
	Runtimes []program                    `json:"runtimes"`
	Cases    []figures                    `json:"cases"`
	Verdicts []verdict                    `json:"bars"`
	Syscalls map[string]map[string]uint64 `json:"syscalls,omitempty"`
}

type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	OS     string `json:"os"`
}

type program struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Note    string `json:"note,omitempty"`
}

// figures is one case: a row of the table.
type figures struct {
	Case string              `json:"case"`
	Of   map[string]*summary `json:"of"`
}

// A summary is one runtime in one case.
type summary struct {
	Median float64 `json:"median_ms,omitempty"`
	Min    float64 `json:"min_ms,omitempty"`
	P90    float64 `json:"p90_ms,omitempty"`
	Count  int     `json:"count,omitempty"`
	Memory uint64  `json:"memory_kib,omitempty"`
}

// newReport sums the results up.
func (b *bench) newReport() *report {
	r := &report{Date: time.Now().Format(time.DateOnly), Machine: thisMachine(), Verdicts: b.results.judge(bars, b.runtimes)}
	for _, rt := range b.runtimes {
		p := program{Name: rt.name, Version: rt.version()}
		if rt.noDevices {
			p.Note = "without the device rule, which it cannot apply here"
		}
		r.Runtimes = append(r.Runtimes, p)
	}
	for _, name := range b.results.names() {
		f := figures{Case: name, Of: map[string]*summary{}}
		for rt, s := range b.results[name] {
			sorted := slices.Sorted(slices.Values(s.walls))
			sum := &summary{Count: len(sorted), Memory: median(s.maxRSS)}
			if len(sorted) > 0 {
				sum.Median, sum.Min, sum.P90 = ms(median(sorted)), ms(sorted[0]), ms(sorted[len(sorted)*9/10])
			}
			f.Of[rt] = sum
		}
		r.Cases = append(r.Cases, f)
	}
	return r
}

// rows is the order of the table.
var rows = []string{
	"run", "run-hostcgroup", "run-docker", "run-docker-uncached", "create", "create-hostcgroup", "state", "start",
	"kill", "delete", "exec", "exec-docker", "exec-idle", "list", "run-idle", "run-idle-hostcgroup", "create-idle", "create-idle-hostcgroup",
	"100-at-once", "60-by-16", "created-init", "smallest-limit", "binary-size",
}

func (rs results) names() (names []string) {
	for _, name := range rows {
		if rs[name] != nil {
			names = append(names, name)
		}
	}
	return names
}

// write puts the report where the README's table and chart come from.
func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// print shows times as "median (min)", memory, the bars, and the system calls.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s · %s, %d cores, Linux %s, %s\n", r.Date, r.Machine.CPU, r.Machine.Cores, r.Machine.Kernel, r.Machine.OS)
	for _, p := range r.Runtimes {
		if p.Version != "" {
			fmt.Fprintf(w, "  %-12s %s  %s\n", p.Name, p.Version, p.Note)
		}
	}
	r.table(w, "\nms, median (minimum)", func(s *summary) string {
		if s.Count == 0 {
			return ""
		}
		return fmt.Sprintf("%.2f (%.2f)", s.Median, s.Min)
	})
	r.table(w, "\nmemory, KiB", func(s *summary) string {
		if s.Memory == 0 {
			return ""
		}
		return fmt.Sprint(s.Memory)
	})
	if len(r.Verdicts) > 0 {
		fmt.Fprintln(w, "\nbars")
		for _, v := range r.Verdicts {
			fmt.Fprintln(w, v)
		}
	}
	r.printSyscalls(w)
}

// table prints a row for each case in which cell has something to say.
func (r *report) table(w io.Writer, title string, cell func(*summary) string) {
	fmt.Fprintf(w, "%-24s", title)
	if strings.HasPrefix(title, "\n") {
		fmt.Fprint(w, " ")
	}
	for _, p := range r.Runtimes {
		fmt.Fprintf(w, " %16s", p.Name)
	}
	fmt.Fprintln(w)
	for _, c := range r.Cases {
		line, any := fmt.Sprintf("%-24s", c.Case), false
		for _, p := range r.Runtimes {
			text := ""
			if s := c.Of[p.Name]; s != nil {
				text = cell(s)
			}
			any = any || text != ""
			line += fmt.Sprintf(" %16s", text)
		}
		if any {
			fmt.Fprintln(w, line)
		}
	}
}

// thisMachine says where the figures come from.
func thisMachine() machine {
	var u syscall.Utsname
	syscall.Uname(&u)
	m := machine{CPU: "unknown CPU", Cores: goruntime.NumCPU(), Kernel: text(u.Release[:]), OS: "Linux"}
	if s, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(s), "model name\t: "); ok {
			m.CPU, _, _ = strings.Cut(rest, "\n")
		}
	}
	if s, err := os.ReadFile("/etc/os-release"); err == nil {
		if _, rest, ok := strings.Cut(string(s), `PRETTY_NAME="`); ok {
			m.OS, _, _ = strings.Cut(rest, `"`)
		}
	}
	return m
}

func text(chars []int8) string {
	var b strings.Builder
	for _, c := range chars {
		if c == 0 {
			break
		}
		b.WriteByte(byte(c))
	}
	return b.String()
}
