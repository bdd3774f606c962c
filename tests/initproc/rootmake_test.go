package initproc_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// made is what root_make opened: its path below the root, its mode, and whether
// anything had to be created.
type made struct {
	path string
	mode uint32
	new  bool
}

// rootMake runs root_make in its own process. err is the errno's name.
func rootMake(t *testing.T, root, path, kind string) (made, error) {
	t.Helper()
	out, err := exec.Command(host, "make", root, path, kind, "0750").Output()
	words := strings.Fields(string(out))
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && len(words) == 1 {
		return made{}, errors.New(words[0])
	}
	if err != nil || len(words) != 3 {
		t.Fatalf("root_make(%q): %v, output %q", path, err, out)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		t.Fatal(err)
	}
	rel, ok := strings.CutPrefix(words[0], real)
	if !ok {
		t.Fatalf("root_make(%q) opened %s, outside of %s", path, words[0], real)
	}
	var m made
	if _, err := fmt.Sscanf(words[1], "%o", &m.mode); err != nil {
		t.Fatal(err)
	}
	m.path, m.new = rel, words[2] == "1"
	return m, nil
}

// tree makes a root in a directory that holds a secret beside it. Entries that
// end in "/" are directories, "a -> b" is a link, others are files.
func tree(t *testing.T, entries ...string) (root string) {
	t.Helper()
	unix.Umask(0)
	root = filepath.Join(t.TempDir(), "root")
	must(t, os.Mkdir(root, 0o755))
	for _, e := range entries {
		name, target, link := strings.Cut(e, " -> ")
		at := root + "/" + strings.TrimSuffix(name, "/")
		switch {
		case link:
			must(t, os.Symlink(target, at))
		case strings.HasSuffix(name, "/"):
			must(t, os.MkdirAll(at, 0o755))
		default:
			must(t, os.WriteFile(at, nil, 0o644))
		}
	}
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// chain is a row of n links, each to the next, the last to a place that is missing.
func chain(n int) (entries []string) {
	for i := range n {
		entries = append(entries, fmt.Sprintf("l%d -> l%d", i, i+1))
	}
	return entries
}

func TestRootMakeFindsAndMakesPathsBelowTheRoot(t *testing.T) {
	const dir, file = unix.S_IFDIR, unix.S_IFREG
	long := strings.Repeat("n", 255)
	for _, c := range []struct {
		name, path, kind string
		entries          []string
		want             made
	}{
		{"what is there", "/a/b", "dir", []string{"a/b/"}, made{"/a/b", dir | 0o755, false}},
		{"the root", "/", "dir", nil, made{"", dir | 0o755, false}},
		{"the empty path", "", "dir", nil, made{"", dir | 0o755, false}},
		{"a missing directory", "/a", "dir", nil, made{"/a", dir | 0o750, true}},
		{"missing directories", "/a/b/c", "dir", nil, made{"/a/b/c", dir | 0o750, true}},
		{"a missing file", "/a/f", "file", nil, made{"/a/f", file | 0o750, true}},
		{"a file where a directory is asked for", "/f", "dir", []string{"f"}, made{"/f", file | 0o644, false}},
		{"a directory where a file is asked for", "/d", "file", []string{"d/"}, made{"/d", dir | 0o755, false}},
		{"slashes at the end", "/a/b///", "dir", nil, made{"/a/b", dir | 0o750, true}},
		{"slashes behind a file that is to be made", "/f//", "file", nil, made{"/f", file | 0o750, true}},
		{"slashes and dots in between", "//a/.//./b", "dir", nil, made{"/a/b", dir | 0o750, true}},
		{"dots beyond the root", "/../../../a", "dir", nil, made{"/a", dir | 0o750, true}},
		{"dots behind a missing directory", "/a/../b", "dir", nil, made{"/b", dir | 0o750, true}},
		{"dots only", "/..", "dir", nil, made{"", dir | 0o755, false}},
		{"a link", "/l/x", "dir", []string{"d/", "l -> d"}, made{"/d/x", dir | 0o750, true}},
		{"an absolute link", "/l/x", "dir", []string{"d/", "l -> /d"}, made{"/d/x", dir | 0o750, true}},
		{"an absolute link in a directory", "/d/l/x", "dir", []string{"d/", "d/l -> /"}, made{"/x", dir | 0o750, true}},
		{"a link upwards", "/d/l/x", "dir", []string{"d/", "d/l -> .."}, made{"/x", dir | 0o750, true}},
		{"a link beyond the root", "/l/x", "dir", []string{"l -> ../../../../.."}, made{"/x", dir | 0o750, true}},
		{"a link beyond the root to what is there", "/l/d", "dir", []string{"l -> ../../..", "d/"}, made{"/d", dir | 0o755, false}},
		{"dots behind a link", "/l/../x", "dir", []string{"d/e/", "l -> d/e"}, made{"/d/x", dir | 0o750, true}},
		{"a dangling link", "/l", "dir", []string{"l -> d/e"}, made{"/d/e", dir | 0o750, true}},
		{"a dangling absolute link", "/l", "file", []string{"l -> /d/f"}, made{"/d/f", file | 0o750, true}},
		{"a dangling link beyond the root", "/l", "dir", []string{"l -> ../../../d"}, made{"/d", dir | 0o750, true}},
		{"a dangling link with slashes", "/l/", "dir", []string{"l -> d//"}, made{"/d", dir | 0o750, true}},
		{"a chain of forty links", "/l0", "dir", chain(40), made{"/l40", dir | 0o750, true}},
		{"forty links behind a missing directory", "/m/../l0", "dir", chain(40), made{"/l40", dir | 0o750, true}},
		{"an absolute link behind a missing directory", "/m/../d/l/x", "dir", []string{"d/", "d/l -> /d"}, made{"/d/x", dir | 0o750, true}},
		{"a name of 255 bytes", "/" + long + "/" + long, "dir", nil, made{"/" + long + "/" + long, dir | 0o750, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, c.entries...)
			got, err := rootMake(t, root, c.path, c.kind)
			if err != nil || got != c.want {
				t.Errorf("root_make(%q) = %+v, %v; want %+v", c.path, got, err, c.want)
			}
			nothingBeside(t, root)
		})
	}
}

func TestRootMakeRefusesWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name, path, kind string
		entries          []string
		want             string
	}{
		{"a file on the way", "/f/x", "dir", []string{"f"}, "ENOTDIR"},
		{"a file behind a link on the way", "/l/x", "dir", []string{"f", "l -> f"}, "ENOTDIR"},
		{"slashes behind a file", "/f/", "file", []string{"f"}, "ENOTDIR"},
		{"a link to itself", "/l", "dir", []string{"l -> l"}, "ELOOP"},
		{"links in a circle", "/l/x", "dir", []string{"l -> m", "m -> l"}, "ELOOP"},
		{"a chain of more than forty links", "/l0", "dir", chain(42), "ELOOP"},
		{"forty-one links behind a missing directory", "/m/../l0", "dir", chain(41), "ELOOP"},
		{"a circle behind a missing directory", "/m/../l/x", "dir", []string{"l -> n", "n -> l"}, "ELOOP"},
		{"ever more links behind a missing directory", "/m/../l/x", "dir", []string{"l -> l/l"}, "ELOOP"},
		{"links that bring ever more links", "/l/x", "dir", []string{"l -> l/l"}, "ELOOP"},
		{"a name of 256 bytes", "/" + strings.Repeat("n", 256), "dir", nil, "ENAMETOOLONG"},
		{"a name of 256 bytes behind a missing one", "/a/" + strings.Repeat("n", 256), "dir", nil, "ENAMETOOLONG"},
		{"a path of 4096 bytes", strings.Repeat("/n", 2048), "dir", nil, "ENAMETOOLONG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, c.entries...)
			got, err := rootMake(t, root, c.path, c.kind)
			if err == nil || err.Error() != c.want {
				t.Errorf("root_make(%.40q) = %+v, %v; want %s", c.path, got, err, c.want)
			}
			nothingBeside(t, root)
		})
	}
}

// TestRootMakeGivesItsModeToTheLastComponentOnly: a file of mode 0600 must not
// make directories that nobody can enter.
func TestRootMakeGivesItsModeToTheLastComponentOnly(t *testing.T) {
	root := tree(t)
	if _, err := rootMake(t, root, "/dev/console", "file"); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	must(t, unix.Stat(root+"/dev", &st))
	if st.Mode != unix.S_IFDIR|0o755 {
		t.Errorf("the directory has mode %o, want 40755", st.Mode)
	}
}

// nothingBeside fails when anything appeared beside the root.
func nothingBeside(t *testing.T, root string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(root))
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("%v lie beside the root", entries)
	}
}
