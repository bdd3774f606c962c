package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// countSyscalls runs each contestant once under strace and counts what it asks of
// the kernel, so that the floor's list can be read beside creel's.
func (b *bench) countSyscalls() (map[string]map[string]uint64, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, nil // the table then has one part less
	}
	counts := map[string]map[string]uint64{}
	for _, r := range b.runtimes {
		trace := filepath.Join(b.dir, "trace")
		argv := append([]string{strace, "-f", "-qq", "-o", trace}, r.run(b.bundle(r, "true"), r.id())...)
		if _, err := b.v2.run(argv...); err != nil {
			return nil, err
		}
		if counts[r.name], err = readTrace(trace); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// readTrace counts the calls in a trace: lines "PID name(…".
func readTrace(path string) (map[string]uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	counts := map[string]uint64{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		_, rest, _ := strings.Cut(lines.Text(), " ")
		name, _, ok := strings.Cut(strings.TrimSpace(rest), "(")
		if ok && !strings.ContainsAny(name, " <+-") {
			counts[name]++
		}
	}
	return counts, nil
}

// printSyscalls prints a row for each call that the floor or creel makes, and the totals.
func (r *report) printSyscalls(w io.Writer) {
	if r.Syscalls == nil {
		return
	}
	fmt.Fprintf(w, "\n%-24s", "system calls of a run")
	var names []string
	totals := map[string]uint64{}
	for _, p := range r.Runtimes {
		fmt.Fprintf(w, " %16s", p.Name)
		for name, n := range r.Syscalls[p.Name] {
			totals[p.Name] += n
			if (p.Name == "floor" || p.Name == "creel") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	fmt.Fprintf(w, "\n%-24s", "all")
	for _, p := range r.Runtimes {
		fmt.Fprintf(w, " %16d", totals[p.Name])
	}
	fmt.Fprintln(w)
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "  %-22s", name)
		for _, p := range r.Runtimes {
			fmt.Fprintf(w, " %16d", r.Syscalls[p.Name][name])
		}
		fmt.Fprintln(w)
	}
}
