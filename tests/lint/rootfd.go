package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// allowRoot exempts the line below it (or its own) from rootByFD. A reason is required.
const allowRoot = "//creel:root-path "

// pathCalls are the functions that hand a path to the kernel, by package.
var pathCalls = map[string]string{
	"os": " Open OpenFile Create Mkdir MkdirAll Remove RemoveAll Rename Symlink Link Chmod Chown Lchown Chtimes" +
		" Stat Lstat ReadFile WriteFile ReadDir Readlink Truncate CreateTemp MkdirTemp DirFS CopyFS Chdir OpenRoot ",
	"filepath": " EvalSymlinks Glob Walk WalkDir ",
	"unix": " Open Creat Mkdir Mknod Mkfifo Mount Unmount Symlink Link Rename Rmdir Unlink Chmod Chown Lchown Access" +
		" Stat Lstat Statfs Readlink Truncate Chdir Chroot PivotRoot Setxattr Lsetxattr Getxattr Lgetxattr Utimes ",
}

// joins build path strings. A root as the last part is the path of the root itself.
var joins = map[string]string{
	"filepath": " Join ",
	"path":     " Join ",
}

// atCalls resolve a path below a directory fd, but follow symbolic links out of it.
const atCalls = " Openat Mkdirat Mknodat Symlinkat Linkat Unlinkat Renameat Renameat2 Fchmodat Fchownat Fstatat Statx Readlinkat Faccessat "

// rootByFD enforces that the root filesystem is only touched by file descriptor:
// a path that was built with a root's name in it must not reach the kernel, nor
// may a path below a root's fd be resolved by a call that follows links out of it
// (openat2 with RESOLVE_IN_ROOT is the one that doesn't).
//
// It goes by names: an identifier that contains "rootfs", is named newRoot,
// rootPath or rootDir, or the selector Root.Path.
func rootByFD(t *tree) (findings []string, err error) {
	names, err := t.sources(".go", ".c")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "libcontainer/") && !strings.HasPrefix(name, "hooks/") &&
			!strings.HasPrefix(name, "internal/") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if strings.HasSuffix(name, ".c") {
			found, err := t.pathSyscalls(name)
			if err != nil {
				return nil, err
			}
			findings = append(findings, found...)
			continue
		}
		fset, f, err := t.parse(name)
		if err != nil {
			return nil, err
		}
		findings = append(findings, judgeRoot(fset, f)...)
	}
	return findings, nil
}

// judgeRoot looks at each call and each concatenation of one file.
func judgeRoot(fset *token.FileSet, f *ast.File) (findings []string) {
	allowed := allowedLines(fset, f)
	report := func(n ast.Node, format string, args ...any) {
		pos := fset.Position(n.Pos())
		if !allowed[pos.Line] {
			findings = append(findings, pos.String()+": "+fmt.Sprintf(format, args...))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			pkg, fn := callee(n)
			switch {
			case has(joins[pkg], fn) && len(n.Args) > 1 && anyRoot(n.Args[:len(n.Args)-1]):
				report(n, "%s.%s builds a path inside a root filesystem; open it with openat2 below the root's fd", pkg, fn)
				return false
			case has(pathCalls[pkg], fn) && anyRoot(n.Args):
				report(n, "%s.%s takes a path of a root filesystem; use the root's fd", pkg, fn)
				return false
			case pkg == "unix" && has(atCalls, fn) && len(n.Args) > 0 && rootFD(n.Args[0]):
				report(n, "unix.%s below a root's fd follows links out of it; use openat2 with RESOLVE_IN_ROOT", fn)
				return false
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD && concatenatesRoot(n) {
				report(n, "builds a path inside a root filesystem by concatenation; open it with openat2 below the root's fd")
				return false
			}
		}
		return true
	})
	return findings
}

// concatenatesRoot recognizes rootfs + "/…": a root beside text that continues its path.
func concatenatesRoot(n *ast.BinaryExpr) bool {
	lit, ok := n.Y.(*ast.BasicLit)
	if !ok {
		inner, isSum := n.X.(*ast.BinaryExpr)
		if !isSum || inner.Op != token.ADD {
			return false
		}
		return concatenatesRoot(inner)
	}
	return lit.Kind == token.STRING && strings.HasPrefix(strings.Trim(lit.Value, "\"`"), "/") && isRoot(n.X)
}

func has(list, word string) bool { return word != "" && strings.Contains(list, " "+word+" ") }

// callee splits pkg.Func; both are empty for any other call.
func callee(c *ast.CallExpr) (pkg, fn string) {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return id.Name, sel.Sel.Name
}

// anyRoot says whether one of the expressions is, or is built from, a root's path.
func anyRoot(args []ast.Expr) bool {
	found := false
	for _, a := range args {
		ast.Inspect(a, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && isRoot(e) {
				found = true
			}
			return !found
		})
	}
	return found
}

// isRoot goes by the name of a variable or field.
func isRoot(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		name := strings.ToLower(e.Name)
		if strings.HasSuffix(name, "fd") || strings.Contains(name, "propagation") {
			return false
		}
		return strings.Contains(name, "rootfs") || name == "newroot" || name == "rootpath" || name == "rootdir"
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.SelectorExpr); ok && e.Sel.Name == "Path" && x.Sel.Name == "Root" {
			return true
		}
		return isRoot(e.Sel)
	}
	return false
}

// rootFD recognizes rootFD, rootfsFd, rootfs.Fd() and the like. A plain root is
// too often something else, such as the state directory.
func rootFD(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			name := strings.ToLower(id.Name)
			found = found || strings.Contains(name, "rootfs") || strings.Contains(name, "rootfd")
		}
		return !found
	})
	return found
}

// allowedLines collects the lines that an allowRoot comment with a reason covers.
func allowedLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if reason, ok := strings.CutPrefix(c.Text, allowRoot); ok && len(strings.TrimSpace(reason)) > 10 {
				line := fset.Position(c.End()).Line
				lines[line], lines[line+1] = true, true
			}
		}
	}
	return lines
}

// In init, system calls that resolve a path from the working directory have no place.
var pathSyscall = regexp.MustCompile(`\bSYS[0-6]\((open|creat|mkdir|mknod|rmdir|unlink|symlink|link|rename|chmod|chown|lchown|stat|lstat|access|readlink|truncate),`)

func (t *tree) pathSyscalls(name string) (findings []string, err error) {
	src, err := t.read(name)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range bytes.Lines(src) {
		n++
		if m := pathSyscall.FindSubmatch(line); m != nil {
			findings = append(findings, fmt.Sprintf("%s:%d: %s(2) resolves a path from the working directory; use the call that takes a directory fd", name, n, m[1]))
		}
	}
	return findings, nil
}
