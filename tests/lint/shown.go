package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// shown holds documentation to the files that it shows: a line that is nothing but a link to a file and a colon,
//
//	[contrib/kubernetes/pod.yaml](../contrib/kubernetes/pod.yaml):
//
// stands before a block in fences that is that very file, which tests use.
func shown(t *tree) (findings []string, err error) {
	names, err := t.sources(".md")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := t.read(name)
		if err != nil {
			return nil, err
		}
		lines := strings.SplitAfter(string(text), "\n")
		for i, line := range lines {
			target, ok := linkAlone(line)
			if !ok {
				continue
			}
			file, err := t.read(filepath.Join(filepath.Dir(name), target))
			if err != nil {
				findings = append(findings, fmt.Sprintf("%s:%d: %v", name, i+1, err))
			} else if fenced(lines[i+1:]) != string(file) {
				findings = append(findings, fmt.Sprintf("%s:%d: the block below is not %s", name, i+1, target))
			}
		}
	}
	return findings, nil
}

// linkAlone is the target of a link that a line consists of, but for a colon.
func linkAlone(line string) (target string, ok bool) {
	line, ok = strings.CutSuffix(strings.TrimRight(line, "\n"), "):")
	_, target, found := strings.Cut(line, "](")
	return target, ok && found && strings.HasPrefix(line, "[") && !strings.ContainsAny(target, "()")
}

// fenced is the block in fences with which the lines begin, after an empty one; "" if there is none.
func fenced(lines []string) string {
	if len(lines) < 2 || lines[0] != "\n" || !strings.HasPrefix(lines[1], "```") {
		return ""
	}
	var block strings.Builder
	for _, line := range lines[2:] {
		if strings.HasPrefix(line, "```") {
			return block.String()
		}
		block.WriteString(line)
	}
	return ""
}
