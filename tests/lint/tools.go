package main

import (
	"bytes"
	"go/format"
	"os/exec"
	"strings"
)

// gofmt names the Go files that gofmt would change.
func gofmt(t *tree) (findings []string, err error) {
	names, err := t.sources(".go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		src, err := t.read(name)
		if err != nil {
			return nil, err
		}
		want, err := format.Source(src)
		if err != nil {
			findings = append(findings, name+": "+err.Error())
		} else if !bytes.Equal(src, want) {
			findings = append(findings, name+": not formatted by gofmt")
		}
	}
	return findings, nil
}

func vet(t *tree) ([]string, error)     { return t.tool(t.gocmd, "vet", "./...") }
func vetTags(t *tree) ([]string, error) { return t.tool(t.gocmd, "vet", "-tags", t.tags, "./...") }

func staticcheck(t *tree) ([]string, error) {
	return t.tool(t.staticcheck, "-tags", t.tags, "./...")
}

// shell parses the scripts without running them.
func shell(t *tree) (findings []string, err error) {
	names, err := t.sources(".sh", ".ci/run")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		found, err := t.tool("sh", "-n", name)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// tool runs a program in the tree; where it fails, each line that it printed is a finding.
func (t *tree) tool(name string, args ...string) ([]string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = t.root
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	if len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}
