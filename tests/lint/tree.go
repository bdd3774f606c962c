package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tree is the source tree that is judged, and the programs that help.
type tree struct {
	root                            string
	gocmd, tags, staticcheck, creel string

	listed []string
}

// files lists what is, or could be, committed: everything that git does not ignore.
func (t *tree) files() ([]string, error) {
	if t.listed != nil {
		return t.listed, nil
	}
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = t.root
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if info, err := os.Lstat(filepath.Join(t.root, name)); err == nil && info.Mode().IsRegular() {
			t.listed = append(t.listed, name)
		}
	}
	return t.listed, nil
}

// sources lists the files with one of the given endings.
func (t *tree) sources(suffixes ...string) ([]string, error) {
	all, err := t.files()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, name := range all {
		for _, s := range suffixes {
			if strings.HasSuffix(name, s) {
				found = append(found, name)
			}
		}
	}
	return found, nil
}

func (t *tree) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(t.root, name))
}

// parse reads a Go file with its comments.
func (t *tree) parse(name string) (*token.FileSet, *ast.File, error) {
	src, err := t.read(name)
	if err != nil {
		return nil, nil, err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	return fset, f, err
}

// generated says whether a program wrote the file (https://go.dev/s/generatedcode).
func generated(src []byte) bool {
	for line := range bytes.Lines(src) {
		if bytes.HasPrefix(line, []byte("package ")) {
			return false
		}
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.HasSuffix(bytes.TrimSpace(line), []byte(" DO NOT EDIT.")) {
			return true
		}
	}
	return false
}
