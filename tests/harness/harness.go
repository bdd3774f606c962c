// Package harness lends tests real containers: bundles from busybox, a runtime
// with a state directory of its own, terminals, and an end to it all that leaves
// nothing behind, which every test is held to.
package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/leakcheck"
)

// H is what one test works with.
type H struct {
	testing.TB
	// Root is the runtime's state directory.
	Root string
	// Global are further global flags of every command.
	Global []string
	dir    string
}

// New begins a test. When it ends, its containers are deleted by force, and
// what is still there then makes it fail. Tests that use it are not parallel.
func New(t testing.TB) *H {
	t.Helper()
	leakcheck.Check(t)
	dir, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &H{TB: t, dir: dir, Root: filepath.Join(dir, "state")}
	t.Cleanup(func() {
		h.DeleteAll()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return h
}

// Path returns the path of a file in the test's own directory.
func (h *H) Path(elem ...string) string {
	return filepath.Join(append([]string{h.dir}, elem...)...)
}

// Must fails the test on an error.
func (h *H) Must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

var ids atomic.Int64

// ID returns a container id that nobody else uses.
func (h *H) ID() string {
	return fmt.Sprintf("%s-%d", prefix, ids.Add(1))
}

// Containers returns the names in the state directory, caches left out.
func (h *H) Containers() (names []string) {
	entries, err := os.ReadDir(h.Root)
	if err != nil && !os.IsNotExist(err) {
		h.Error(err)
	}
	for _, e := range entries {
		if c := e.Name()[0]; c != '.' && c != '@' {
			names = append(names, e.Name())
		}
	}
	return names
}

// DeleteAll ends what the test left running, as the end of the test does.
func (h *H) DeleteAll() {
	for _, id := range h.Containers() {
		if r := h.Creel("delete", "--force", id); r.Status != 0 {
			h.Errorf("delete --force %s: status %d: %s", id, r.Status, r.Stderr)
		}
	}
	if left := h.Containers(); len(left) > 0 {
		h.Errorf("delete --force left %s", strings.Join(left, " "))
	}
}

// patience is how long something may take that happens soon.
var patience = leakcheck.Patience("CREEL_TEST_PATIENCE", 20*time.Second)

// Eventually waits until cond holds, and fails the test if it never does.
func (h *H) Eventually(what string, cond func() bool) {
	h.Helper()
	for deadline := time.Now().Add(patience); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("waited %s in vain until %s", patience, what)
		}
	}
}
