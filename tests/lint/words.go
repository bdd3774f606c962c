package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// notes mark unfinished work. They are spelled in two parts here, so that this
// file does not find itself.
var notes = []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:"}

// hosts of package registries: what the ordinary clients use is their
// configuration's business.
var hosts = []string{"proxy.golang" + ".org", "deb.debian" + ".org", "registry.npmjs" + ".org"}

// words names each file that holds an unfinished note, a registry's host, or the
// path of the very directory that the tree is checked out in.
func words(t *tree) (findings []string, err error) {
	names, err := t.files()
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(t.root)
	if err != nil {
		return nil, err
	}
	bad := append(slices.Clone(notes), hosts...)
	if strings.Count(root, "/") > 1 { // a checkout in / itself would forbid too much
		bad = append(bad, root+"/", filepath.Join(filepath.Dir(root), "shared")+"/")
	}
	for _, name := range names {
		src, err := t.read(name)
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(src, 0) >= 0 {
			continue // not text
		}
		n := 0
		for line := range bytes.Lines(src) {
			n++
			for _, w := range bad {
				if bytes.Contains(line, []byte(w)) {
					findings = append(findings, fmt.Sprintf("%s:%d: contains %q", name, n, w))
				}
			}
		}
	}
	return findings, nil
}
