package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// A subject is one of the commands that a case compares.
type subject struct {
	name string
	// before makes what a call needs, after takes it away; neither is timed. Both may be nil.
	before, after func() error
	call          func() error
	// most is the most that the first subject may need: a part of this one's time.
	most float64
}

// A bench is a case: its subjects are made when it begins.
type bench struct {
	name, title string
	subjects    func(w *world) ([]subject, error)
	// limit is the most that the first subject may need, 0 for none: at all, or more than the second one.
	limit time.Duration
	more  bool
}

// A result is what a case came to.
type result struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	LimitMs float64  `json:"limitMs,omitempty"`
	More    bool     `json:"more,omitempty"` // the limit is of what is more than the second's time
	Figures []figure `json:"figures"`
}

// A figure is the median of a subject's times, and creel's time in parts of it.
type figure struct {
	Name  string  `json:"name"`
	Ms    float64 `json:"ms"`
	Ratio float64 `json:"creelRatio"`
	Bar   float64 `json:"bar,omitempty"`

	times []time.Duration
}

// measure calls the subjects in turn. The first round is not counted: it warms caches.
func (b *bench) measure(w *world, rounds int) (result, error) {
	r := result{Name: b.name, Title: b.title, LimitMs: ms(b.limit), More: b.more}
	subjects, err := b.subjects(w)
	if err != nil {
		return r, err
	}
	for _, s := range subjects {
		r.Figures = append(r.Figures, figure{Name: s.name, Bar: s.most})
	}
	for round := range rounds + 1 {
		for i, s := range subjects {
			took, err := s.once()
			if err != nil {
				return r, fmt.Errorf("%s: %w", s.name, err)
			}
			if round > 0 {
				r.Figures[i].times = append(r.Figures[i].times, took)
			}
		}
	}
	for i := range r.Figures {
		f := &r.Figures[i]
		slices.Sort(f.times)
		f.Ms = ms(f.times[len(f.times)/2])
		f.Ratio = r.Figures[0].Ms / f.Ms
	}
	return r, nil
}

func (s *subject) once() (took time.Duration, err error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return 0, err
		}
	}
	begun := time.Now()
	err = s.call()
	took = time.Since(begun)
	if err == nil && s.after != nil {
		err = s.after()
	}
	return took, err
}

// print prints a line for each subject and returns how many bars were missed.
func (r *result) print(w io.Writer) (missed int) {
	fmt.Fprintln(w, r.Title)
	for i, f := range r.Figures {
		verdict := ""
		switch {
		case i == 0 && r.LimitMs > 0:
			verdict = fmt.Sprintf("limit %.0f ms", r.LimitMs)
			need := f.Ms
			if r.More {
				need -= r.Figures[1].Ms
				verdict = fmt.Sprintf("%+.1f ms, ", need) + verdict
			}
			if need > r.LimitMs {
				verdict += ", MISSED"
				missed++
			}
		case f.Bar > 0:
			verdict = fmt.Sprintf("bar %.2f", f.Bar)
			if f.Ratio > f.Bar {
				verdict += ", MISSED"
				missed++
			}
		}
		fmt.Fprintf(w, "  %-28s %10.1f ms   creel is %.2f  %s\n", f.Name, f.Ms, f.Ratio, verdict)
	}
	return missed
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
