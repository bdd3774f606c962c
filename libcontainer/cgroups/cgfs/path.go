package cgfs

import (
	"iter"
	"path"
	"strings"
)

// Clean makes a cgroup path absolute and resolves "." and ".." in it, which never lead above "/".
func Clean(p string) string { return path.Clean("/" + p) }

// Elements yields the elements of a cleaned path; "/" has none.
func Elements(p string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for p = strings.Trim(p, "/"); p != ""; {
			var name string
			name, p, _ = strings.Cut(p, "/")
			if !yield(name) {
				return
			}
		}
	}
}

// Split cuts the last element off a cleaned path.
func Split(p string) (parent, name string) {
	i := strings.LastIndexByte(p, '/')
	if i <= 0 {
		return "/", p[i+1:]
	}
	return p[:i], p[i+1:]
}
