// Package container looks at what a config's fields make of a container, from
// inside and from the host: one test for each behaviour, named as the runtime
// specification would say it.
package container

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

type S = specs.Spec

// says runs a script and compares what it says.
func says(t *testing.T, script, want string, mutate ...harness.Mutate) {
	t.Helper()
	h := harness.New(t)
	if got := h.Sh(script, mutate...); got != want {
		t.Errorf("%s\nsays: %s\nwant: %s", script, got, want)
	}
}

// writable makes the root filesystem one of the test's own.
func writable(h *harness.H) harness.Mutate { return harness.Root(h.OwnRoot()) }

// shifted makes it one that belongs to the ids from 100000 on, in a user
// namespace that maps them.
func shifted(h *harness.H) harness.Mutate {
	h.Helper()
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	return func(s *S) {
		harness.Root(root)(s)
		harness.UserNS(100000, 65536)(s)
	}
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}
