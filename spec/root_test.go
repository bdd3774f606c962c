package spec

import "testing"

func TestTheRootIsADirectory(t *testing.T) {
	check(t, []verdict{
		{change: `{"root":null}`,
			errs: []string{`root: it is missing: a container has a root filesystem`}},
		{change: `{"root":{"path":""}}`,
			errs: []string{`root.path: it is missing; it takes the path of a directory`}},
		{change: `{"root":{"path":"missing"}}`,
			errs: []string{`root.path: open root filesystem BUNDLE/missing: no such file or directory`}},
		{change: `{"root":{"path":"file"}}`,
			errs: []string{`root.path: open root filesystem BUNDLE/file: not a directory`}},
		{change: `{"root":{"path":"file/x"}}`,
			errs: []string{`root.path: open root filesystem BUNDLE/file/x: not a directory`}},
		{change: `{"root":{"path":"/"}}`},
		{change: `{"root":{"path":"root\u0000fs"}}`,
			errs: []string{`root.path: "root\x00fs" contains a NUL character, where the kernel would end it`}},
	})
}
