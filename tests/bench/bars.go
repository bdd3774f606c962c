package main

import (
	"fmt"
	"strings"
)

// A bar is what creel promises: a ratio to the fastest crun, the smallest runc or
// the floor, or an absolute figure where against is empty.
type bar struct {
	name, against string
	limit         float64
	goal          float64 // what is aimed at below the limit, 0 for nothing more
	memory        bool    // the case's memory, not its time
	absolute      string  // the unit of an absolute figure
}

var bars = []bar{
	{name: "run", against: "crun", limit: 0.7, goal: 0.6},
	{name: "run", against: "floor", limit: 2.3},
	{name: "run-docker", against: "crun", limit: 0.7},
	{name: "run-docker-uncached", against: "crun", limit: 0.8},
	{name: "create", against: "crun", limit: 0.7},
	{name: "create-hostcgroup", against: "crun", limit: 0.7},
	{name: "create-idle", against: "crun", limit: 0.7},
	{name: "create-idle-hostcgroup", against: "crun", limit: 0.7},
	{name: "run-hostcgroup", against: "crun", limit: 0.7},
	{name: "run-idle", against: "crun", limit: 0.7},
	{name: "run-idle-hostcgroup", against: "crun", limit: 0.7},
	{name: "start", against: "crun", limit: 0.7, goal: 0.6},
	{name: "kill", against: "crun", limit: 0.7, goal: 0.6},
	{name: "delete", against: "crun", limit: 0.7, goal: 0.6},
	{name: "state", against: "crun", limit: 0.7, goal: 0.6},
	{name: "exec", against: "crun", limit: 0.65},
	{name: "exec-docker", against: "crun", limit: 0.65},
	{name: "100-at-once", against: "crun", limit: 0.75},
	{name: "run", against: "crun", limit: 2, memory: true},
	{name: "created-init", against: "runc", limit: 0.1, memory: true},
	{name: "smallest-limit", limit: 1024, absolute: "KiB", memory: true},
	{name: "binary-size", limit: 9000, absolute: "kB", memory: true},
}

// A verdict is a bar and where creel stands.
type verdict struct {
	Measure string  `json:"measure"`
	Peer    string  `json:"peer,omitempty"`
	Value   float64 `json:"value"`
	Limit   float64 `json:"limit"`
	Goal    float64 `json:"goal,omitempty"`
	Pass    bool    `json:"pass"`
}

// judge compares creel with every bar whose figures were measured.
func (rs results) judge(bars []bar, runtimes []*runtime) (verdicts []verdict) {
	for _, b := range bars {
		own := rs.figure(b.name, "creel", b.memory)
		if own == 0 {
			continue
		}
		v := verdict{Measure: b.name, Limit: b.limit, Goal: b.goal, Value: own}
		if b.memory && b.absolute == "" {
			v.Measure += " memory"
		}
		if b.absolute != "" {
			v.Measure += " (" + b.absolute + ")"
		} else {
			peer, best := rs.best(b, runtimes)
			if best == 0 {
				continue
			}
			v.Peer, v.Value = peer, own/best
		}
		v.Pass = v.Value <= b.limit
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// best finds the strongest peer of a bar's kind: of several crun, the fastest that
// does the same work as creel.
func (rs results) best(b bar, runtimes []*runtime) (peer string, best float64) {
	lesser := true
	for _, r := range runtimes {
		if r.name == bareFloor || r.name != b.against && !strings.HasPrefix(r.name, b.against+"-") {
			continue
		}
		f := rs.figure(b.name, r.name, b.memory)
		if f > 0 && (best == 0 || lesser && !r.noDevices || lesser == r.noDevices && f < best) {
			peer, best, lesser = r.name, f, r.noDevices
		}
	}
	return peer, best
}

// figure is a median: milliseconds, or KiB.
func (rs results) figure(name, runtime string, memory bool) float64 {
	s := rs[name][runtime]
	if s == nil {
		return 0
	}
	if memory {
		return float64(median(s.maxRSS))
	}
	return ms(median(s.walls))
}

// String is the verdict as the table shows it.
func (v verdict) String() string {
	word := "pass"
	switch {
	case !v.Pass:
		word = "FAIL"
	case v.Goal > 0 && v.Value > v.Goal:
		word = fmt.Sprintf("pass (goal %.2f)", v.Goal)
	}
	if v.Peer == "" {
		return fmt.Sprintf("%-32s %8.0f          ≤ %-6.0f %s", v.Measure, v.Value, v.Limit, word)
	}
	return fmt.Sprintf("%-32s %8.2f × %-10s ≤ %-6.2f %s", v.Measure, v.Value, v.Peer, v.Limit, word)
}
