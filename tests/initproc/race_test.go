package initproc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// swap exchanges two names until stop is closed, as fast as it can.
func swap(t *testing.T, a, b string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil {
			t.Errorf("exchange %s and %s: %v", a, b, err)
			return
		}
	}
}

// TestRootMakeStaysInsideWhileDirectoriesBecomeLinks lets an attacker exchange a
// directory on the way with a link that leads out, while thousands of paths are
// made below it (CVE-2021-30465, CVE-2024-45310).
func TestRootMakeStaysInsideWhileDirectoriesBecomeLinks(t *testing.T) {
	for _, c := range []struct{ name, kind, link, prefix string }{
		{"relative link", "dir", "../../outside", "/v/a/d"},
		{"absolute link", "dir", "OUTSIDE", "/v/a/d"},
		{"link for files", "file", "../../outside", "/v/a/f"},
		{"dots behind the link", "dir", "../../outside/deep", "/v/a/../d"},
		{"link at the end", "file", "../../outside/", "/v/a/g"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const count = 1500
			root := tree(t, "v/a/")
			outside := filepath.Join(filepath.Dir(root), "outside")
			must(t, os.MkdirAll(outside+"/deep", 0o755))
			must(t, os.Symlink(strings.ReplaceAll(c.link, "OUTSIDE", outside), root+"/v/evil"))
			stop := make(chan struct{})
			var attackers sync.WaitGroup
			attackers.Go(func() { swap(t, root+"/v/a", root+"/v/evil", stop) })
			out, err := exec.Command(host, "race", root, c.prefix, c.kind, strconv.Itoa(count)).CombinedOutput()
			close(stop)
			attackers.Wait()
			must(t, err)
			if n, err := strconv.Atoi(strings.TrimSpace(string(out))); err != nil || n == 0 {
				t.Errorf("none of %d paths was made: %s", count, out)
			}
			for _, dir := range []string{outside, outside + "/deep"} {
				found, err := os.ReadDir(dir)
				must(t, err)
				for _, e := range found {
					if e.Name() != "deep" {
						t.Errorf("%s was made outside of the root", filepath.Join(dir, e.Name()))
					}
				}
			}
			beside, err := os.ReadDir(filepath.Dir(root))
			must(t, err)
			if len(beside) != 2 {
				t.Errorf("%v lie beside the root", beside)
			}
		})
	}
}
