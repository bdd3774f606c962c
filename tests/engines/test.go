package engines

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// New begins a test of the engine whose daemons run. What is there when it and its cleanups have ended, and was not
// there before, makes it fail: a process, mount, namespace or cgroup. A failed test shows what the daemons said
// meanwhile. Tests that use it are not parallel.
func New(t testing.TB) *harness.H {
	t.Helper()
	ended = nil
	offsets := map[string]int64{}
	for _, d := range daemons {
		if info, err := os.Stat(d.Log); err == nil {
			offsets[d.Log] = info.Size()
		}
	}
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, d := range append(ended, daemons...) {
			t.Logf("%s:\n%s", d.Name, d.tail(offsets[d.Log]))
		}
	})
	return harness.New(t)
}

// Differs skips a test where the runtime under test has this name and is known to behave otherwise.
func Differs(t testing.TB, runtime, how string) {
	t.Helper()
	if isRuntime(t, runtime) {
		t.Skipf("%s differs: %s", runtime, how)
	}
}

// DiffersBefore is Differs for versions of a runtime that are older than one.
func DiffersBefore(t testing.TB, runtime, since, how string) {
	t.Helper()
	if isRuntime(t, runtime) && !Has(Runtime(), since) {
		t.Skipf("%s before %s differs: %s", runtime, since, how)
	}
}

func isRuntime(t testing.TB, name string) bool {
	t.Helper()
	path, err := filepath.EvalSymlinks(Runtime())
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(path) == name
}

// JSON reads what a command printed.
func JSON[T any](h *harness.H, r harness.Result) (v T) {
	h.Helper()
	h.Ok(r)
	if err := json.Unmarshal([]byte(r.Stdout), &v); err != nil {
		h.Fatalf("%v in %s", err, r)
	}
	return v
}

// Lines are the lines of a text that hold something.
func Lines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
