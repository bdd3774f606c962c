package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Another runtime's code is never imported; what starts slowly or pulls in cgo
// stays out of the programs that engines start.
var forbidden = []struct {
	path, under, except, why string
}{
	{"github.com/opencontainers/runc", "", "", "creel imports no other runtime's code"},
	{"github.com/opencontainers/cgroups", "", "", "creel imports no other runtime's code"},
	{"github.com/containers/crun", "", "", "creel imports no other runtime's code"},
	{"google.golang.org/grpc", "", "tests/", "only tests talk to container engines"},
	{"google.golang.org/protobuf", "", "tests/", "only tests talk to container engines"},
	{"github.com/containerd/containerd", "", "tests/", "only tests talk to container engines"},
	{"k8s.io", "", "tests/", "only tests talk to container engines"},
	{"C", "", "cmd/creel-seccomp/", "cgo costs half a millisecond at every start; only the profile compiler may use it"},
	{"github.com/seccomp/libseccomp-golang", "", "cmd/creel-seccomp/", "libseccomp is linked into the profile compiler only"},
	{"regexp", "libcontainer/", "", "regexp compiles at start-up; match by hand"},
	{"regexp", "internal/cli/", "", "regexp compiles at start-up; match by hand"},
	{"os/exec", "libcontainer/", "/cgtest/ /oracle/", "start processes with internal/spawn"},
	{"os/exec", "internal/", "", "start processes with internal/spawn"},
	{"os/exec", "hooks/", "", "start processes with internal/spawn"},
	{"unsafe", "internal/cli/", "", "raw memory belongs below libcontainer"},
}

// imports names each import that is forbidden where it stands.
func imports(t *tree) (findings []string, err error) {
	names, err := t.sources(".go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		fset, f, err := t.parse(name)
		if err != nil {
			return nil, err
		}
		for _, imp := range f.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return nil, err
			}
			if why := forbiddenImport(name, path); why != "" {
				findings = append(findings, fmt.Sprintf("%s: import of %s: %s", fset.Position(imp.Pos()), path, why))
			}
		}
	}
	return findings, nil
}

func forbiddenImport(file, path string) string {
	for _, f := range forbidden {
		switch {
		case path != f.path && !strings.HasPrefix(path, f.path+"/"):
		case !strings.HasPrefix(file, f.under):
		case slices.ContainsFunc(strings.Fields(f.except), func(e string) bool { return strings.Contains(file, e) }):
		case (f.path == "regexp" || f.path == "os/exec") && strings.HasSuffix(file, "_test.go"):
		default:
			return f.why
		}
	}
	return ""
}
