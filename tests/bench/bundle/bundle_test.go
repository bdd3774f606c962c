package main

import (
	"bytes"
	"testing"
	"time"
)

func TestACaseTakesItsSubjectsInTurnAndForgetsTheFirstRound(t *testing.T) {
	var order string
	made := func(name string, pause time.Duration) subject {
		return subject{name: name, most: 0.5,
			before: func() error { order += "("; return nil },
			call:   func() error { order += name; time.Sleep(pause); return nil },
			after:  func() error { order += ")"; return nil },
		}
	}
	b := bench{name: "case", subjects: func(*world) ([]subject, error) {
		return []subject{made("a", time.Millisecond), made("b", 20*time.Millisecond)}, nil
	}}
	r, err := b.measure(nil, 2)
	if err != nil || order != "(a)(b)(a)(b)(a)(b)" {
		t.Fatalf("%s, %v", order, err)
	}
	if n := len(r.Figures[0].times); n != 2 {
		t.Errorf("%d rounds count", n)
	}
	if r.Figures[0].Ratio != 1 || r.Figures[1].Ratio >= 1 || r.Figures[1].Ms < 20 {
		t.Errorf("%+v", r.Figures)
	}
}

func TestBarsAreMissedBySlowerOnesOnly(t *testing.T) {
	for missed, r := range map[int]result{
		0: {LimitMs: 5, Figures: []figure{{Ms: 5, Ratio: 1}, {Ms: 10, Ratio: 0.5, Bar: 0.5}}},
		1: {LimitMs: 5, Figures: []figure{{Ms: 5, Ratio: 1}, {Ms: 9, Ratio: 0.55, Bar: 0.5}}},
		2: {LimitMs: 5, Figures: []figure{{Ms: 5.1, Ratio: 1}, {Ms: 9, Ratio: 0.56, Bar: 0.5}}},
	} {
		if got := r.print(&bytes.Buffer{}); got != missed {
			t.Errorf("%d bars missed, not %d", got, missed)
		}
	}
	more := result{LimitMs: 5, More: true, Figures: []figure{{Ms: 14}, {Ms: 10}}}
	if more.print(&bytes.Buffer{}) != 0 {
		t.Error("4 ms more than the second are too many")
	}
}
