package main

import (
	"fmt"
	"io"
	"strings"
)

// plain reads a tier that is no Go test.
type plain struct {
	out    io.Writer
	closed bool
	counts record
}

func newPlain(out io.Writer) *plain { return &plain{out: out} }

// add passes a line on, or takes its counts if it is a closing line. Closing
// lines are not printed: the only one of a run is that of all tiers.
func (p *plain) add(line string) {
	var r record
	trimmed := strings.TrimSpace(line)
	n, _ := fmt.Sscanf(trimmed, "%d passed, %d failed, %d skipped", &r.Passed, &r.Failed, &r.Skipped)
	if n >= 2 {
		p.counts, p.closed = r, true
		return
	}
	io.WriteString(p.out, line)
}

func (p *plain) finish(r *record, status error) {
	if p.closed {
		r.Passed, r.Failed, r.Skipped = p.counts.Passed, p.counts.Failed, p.counts.Skipped
	}
	switch {
	case status != nil && r.Failed == 0:
		fmt.Fprintf(p.out, "  FAIL     %v\n", status)
		r.Failed = 1
	case status == nil && !p.closed:
		r.Passed = 1
	}
}
