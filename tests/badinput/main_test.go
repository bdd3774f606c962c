// Package badinput gives creel what it must refuse: each mistake gets one clear
// sentence that names the field and the value, with the cause in the last line,
// a status other than 0, and leaves nothing behind.
package badinput

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// mistake is a config with one thing wrong, and what the error must contain.
type mistake struct {
	name   string
	mutate harness.Mutate
	want   []string
}

// logged checks that the log has what stderr says: one line of JSON, of the level that
// engines look for.
func logged(h *harness.H, log string, r harness.Result) {
	h.Helper()
	text, err := os.ReadFile(log)
	h.Must(err)
	var line struct {
		Level, Msg string
		Time       time.Time
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	h.Must(json.Unmarshal([]byte(lines[len(lines)-1]), &line))
	if line.Level != "error" || line.Msg+"\n" != r.Stderr || line.Time.IsZero() {
		h.Errorf("stderr says %q, the log %q", r.Stderr, text)
	}
	if strings.Contains(line.Msg, "\n") {
		h.Errorf("one mistake makes more than one line: %q", line.Msg)
	}
}

// refused runs every config and expects the refusal; harness.New looks for what
// was left behind.
func refused(t *testing.T, list []mistake) {
	t.Helper()
	for _, m := range list {
		t.Run(m.name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(m.mutate)
			h.Fails(h.Run(b), m.want...)
			id, log := h.ID(), h.Path("log")
			r := h.Fails(h.Creel("--log", log, "--log-format", "json", "create", "--bundle", b, id), m.want...)
			logged(h, log, r)
			if _, err := os.Stat(h.Root + "/" + id); !os.IsNotExist(err) {
				t.Errorf("a state directory is left: %v", err)
			}
		})
	}
}
