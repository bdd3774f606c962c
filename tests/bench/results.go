package main

import (
	"slices"
	"time"
)

// results holds all figures, by case and runtime, in the order in which they came.
type results map[string]map[string]*series

// A series is the figures of one runtime in one case.
type series struct {
	walls  []time.Duration
	maxRSS []uint64 // KiB
}

func (rs results) of(name, runtime string) *series {
	if rs[name] == nil {
		rs[name] = map[string]*series{}
	}
	if rs[name][runtime] == nil {
		rs[name][runtime] = &series{}
	}
	return rs[name][runtime]
}

func (rs results) add(name string, r *runtime, wall time.Duration) {
	s := rs.of(name, r.name)
	s.walls = append(s.walls, wall)
}

func (rs results) addMemory(name string, r *runtime, kib uint64) {
	s := rs.of(name, r.name)
	s.maxRSS = append(s.maxRSS, kib)
}

// median is the middle of the figures; of an even number, the mean of the middle two.
func median[T time.Duration | uint64](figures []T) T {
	if len(figures) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ms is a duration in milliseconds, as the tables show it.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
