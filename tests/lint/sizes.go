package main

import (
	"bytes"
	"fmt"
	"slices"
)

// sizes keeps files short: none over 500 lines, nine in ten under 300, the
// median under 100. Generated files do not count.
func sizes(t *tree) (findings []string, err error) {
	names, err := t.sources(".go", ".c", ".h")
	if err != nil {
		return nil, err
	}
	var lengths []int
	for _, name := range names {
		src, err := t.read(name)
		if err != nil {
			return nil, err
		}
		if generated(src) {
			continue
		}
		n := bytes.Count(src, []byte("\n"))
		if n > 500 {
			findings = append(findings, fmt.Sprintf("%s: %d lines; a file has at most 500", name, n))
		}
		lengths = append(lengths, n)
	}
	return append(findings, judgeLengths(lengths)...), nil
}

func judgeLengths(lengths []int) (findings []string) {
	if len(lengths) == 0 {
		return []string{"no source files"}
	}
	slices.Sort(lengths)
	if m := lengths[len(lengths)/2]; m >= 100 {
		findings = append(findings, fmt.Sprintf("the median file has %d lines; less than 100 are wanted", m))
	}
	if n := lengths[len(lengths)*9/10]; n >= 300 {
		findings = append(findings, fmt.Sprintf("a tenth of all files has %d lines or more; nine in ten are to have less than 300", n))
	}
	return findings
}
