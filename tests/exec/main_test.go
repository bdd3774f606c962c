// Package exec holds `creel exec` to what engines count on: one more process in a
// container, with the container's namespaces, cgroup, limits and filter.
package exec

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// alone is a container whose init has no child.
var alone = harness.Args("/bin/sleep", "1000")

// exec runs a shell script in a container and returns what it wrote, without the last
// newline. The script must succeed.
func exec(h *harness.H, id, script string, flags ...string) string {
	h.Helper()
	args := append(append([]string{"exec"}, flags...), id, "sh", "-c", script)
	return strings.TrimSuffix(h.Ok(h.Creel(args...)).Stdout, "\n")
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// processFile writes a process.json: the default config's process after change.
func processFile(h *harness.H, change func(*specs.Process)) string {
	h.Helper()
	p := harness.Default().Process
	p.Terminal = false
	change(p)
	text, err := json.Marshal(p)
	h.Must(err)
	path := h.Path("process.json")
	h.WriteFile(path, string(text), 0o600)
	return path
}
