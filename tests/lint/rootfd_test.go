package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRootFilesystemIsTouchedByFDOnly(t *testing.T) {
	tests := []struct {
		code string
		want string // part of the finding, "" for none
	}{
		{`filepath.Join(rootfs, "etc")`, "filepath.Join builds a path"},
		{`os.MkdirAll(filepath.Join(c.rootfs, dest), 0o755)`, "os.MkdirAll takes a path"},
		{`os.Open(spec.Root.Path)`, "os.Open takes a path"},
		{`unix.Mount(src, rootfs+dest, "", 0, "")`, "unix.Mount takes a path"},
		{`use(rootfs + "/etc/passwd")`, "by concatenation"},
		{`use(spec.Root.Path + "/" + name)`, "by concatenation"},
		{`unix.Mkdirat(rootFD, "etc", 0o755)`, "follows links out of it"},
		{`unix.Openat(int(rootfs.Fd()), name, 0, 0)`, "follows links out of it"},
		{`unix.Openat2(rootFD, name, how)`, ""},
		{`unix.Fstatat(procFD, "self", &st, 0)`, ""},
		{`filepath.Join(rt.Root, id)`, ""},
		{`filepath.Join(bundle, spec.Root.Path)`, ""},
		{`os.Open(filepath.Join(bundle, "config.json"))`, ""},
		{`fmt.Errorf("root.path %s: %w", rootfs, err)`, ""},
		{`use("root " + rootfs)`, ""},
		{`unix.Mount("", "/", "", rootfsPropagation, "")`, ""},
		{"//creel:root-path the one place that opens it by its configured path\n\tunix.Open(rootfs, 0, 0)", ""},
		{"//creel:root-path why\n\tunix.Open(rootfs, 0, 0)", "unix.Open takes a path"},
	}
	for _, tt := range tests {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x\nfunc f() {\n\t"+tt.code+"\n}\n", parser.ParseComments)
		if err != nil {
			t.Fatalf("%s: %v", tt.code, err)
		}
		got := strings.Join(judgeRoot(fset, f), "\n")
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s\n got: %s\nwant: %s", tt.code, got, tt.want)
		}
	}
}

func TestInitResolvesNoPathFromItsWorkingDirectory(t *testing.T) {
	tr := write(t, map[string]string{"x.c": "r = SYS2(mkdir, path, mode);\nr = SYS3(mkdirat, fd, path, mode);\n"})
	found, err := tr.pathSyscalls("x.c")
	if err != nil || len(found) != 1 || !strings.Contains(found[0], "x.c:1: mkdir(2)") {
		t.Errorf("found %q, %v; want line 1 only", found, err)
	}
}

// write makes a tree of the given files.
func write(t *testing.T, files map[string]string) *tree {
	t.Helper()
	tr := &tree{root: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(tr.root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		tr.listed = append(tr.listed, name)
	}
	return tr
}
