package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// What Go packages do before main is paid at every one of thousands of starts
// an hour. Time is noise on a busy machine, so the budget is in what repeats:
// how many packages do anything at all, how much memory they allocate, and in
// how many pieces. Raise a figure only with a measurement that says it is worth it.
const (
	maxInits  = 36
	maxBytes  = 26 << 10
	maxAllocs = 180
)

// inits runs creel with GODEBUG=inittrace=1 and compares the sums with the budget.
func inits(t *tree) ([]string, error) {
	creel, err := filepath.Abs(filepath.Join(t.root, t.creel))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(creel, "--version")
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s --version: %w", t.creel, err)
	}
	sum, worst := readTrace(stderr.Bytes())
	fmt.Printf("           %d inits, %d bytes in %d allocations, %.3f ms; the largest is %s (%d bytes)\n",
		sum.inits, sum.bytes, sum.allocs, sum.ms, worst.name, worst.bytes)
	return sum.judge(), nil
}

// A trace is what one package, or all of them, did before main.
type trace struct {
	name          string
	inits         int
	ms            float64
	bytes, allocs int
}

// readTrace adds up the lines "init PKG @0.1 ms, 0.02 ms clock, 16 bytes, 1 allocs".
func readTrace(out []byte) (sum, worst trace) {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		one := trace{inits: 1}
		var at float64
		line := strings.NewReplacer(",", "").Replace(lines.Text())
		if n, _ := fmt.Sscanf(line, "init %s @%f ms %f ms clock %d bytes %d allocs",
			&one.name, &at, &one.ms, &one.bytes, &one.allocs); n != 5 {
			continue
		}
		sum.inits++
		sum.ms += one.ms
		sum.bytes += one.bytes
		sum.allocs += one.allocs
		if one.bytes > worst.bytes {
			worst = one
		}
	}
	return sum, worst
}

func (sum trace) judge() (findings []string) {
	over := func(what string, got, budget int) {
		if got > budget {
			findings = append(findings, fmt.Sprintf("%d %s before main; the budget is %d (GODEBUG=inittrace=1 bin/creel --version)", got, what, budget))
		}
	}
	if sum.inits == 0 {
		findings = append(findings, "the trace shows no package: is bin/creel a Go program?")
	}
	over("package inits", sum.inits, maxInits)
	over("bytes allocated", sum.bytes, maxBytes)
	over("allocations", sum.allocs, maxAllocs)
	return findings
}
