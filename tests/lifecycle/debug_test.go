package lifecycle

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// debugged runs a container with a hook of every kind and returns the messages of its log.
func debugged(h *harness.H, flags ...string) (id, bundle string, messages []string) {
	h.Helper()
	path := h.Path("creel.log")
	m, _ := logged(h, "echo $kind")
	h.Global = append([]string{"--log", path, "--log-format", "json"}, flags...)
	id, bundle = h.ID(), h.Bundle(m, harness.Script("exit 3"))
	if r := h.Creel("run", "--bundle", bundle, id); r.Status != 3 || r.Stderr != "" {
		h.Error(r)
	}
	text, err := os.ReadFile(path)
	h.Must(err)
	for line := range strings.Lines(string(text)) {
		var l struct{ Level, Msg string }
		h.Must(json.Unmarshal([]byte(line), &l))
		if l.Level != "debug" {
			h.Errorf("level %q: %s", l.Level, l.Msg)
		}
		messages = append(messages, l.Msg)
	}
	return id, bundle, messages
}

func TestDebugNamesEveryStepAndWhenItWasDone(t *testing.T) {
	h := harness.New(t)
	id, bundle, messages := debugged(h, "--debug")
	id, bundle = regexp.QuoteMeta(id), regexp.QuoteMeta(bundle)
	want := []string{
		"config " + bundle + "/config.json is read and valid", "init is started as process [0-9]+, in two stages: false",
		"cgroup of container " + id + " is made: .*" + id, "plan of [0-9]+ operations is sent to init",
		`hooks\.prestart\[0\]: /bin/sh succeeded`, `hooks\.createRuntime\[0\]: /bin/sh succeeded`,
		`hooks\.createContainer\[0\]: /bin/sh succeeded`, "container " + id + " is created, its init is process [0-9]+",
		`hooks\.startContainer\[0\]: /bin/sh succeeded`, "container " + id + " is started, its process is [0-9]+",
		`hooks\.poststart\[0\]: /bin/sh succeeded`, "process [0-9]+ of container " + id + " has ended with status 3",
		"cgroup of container " + id + " is removed", `hooks\.poststop\[0\]: /bin/sh succeeded`, "container " + id + " is deleted",
	}
	if len(messages) != len(want) {
		t.Fatalf("%d messages, want %d:\n%s", len(messages), len(want), strings.Join(messages, "\n"))
	}
	for i, w := range want {
		if !regexp.MustCompile("^after [0-9]+\\.[0-9]{3} ms: " + w + "$").MatchString(messages[i]) {
			t.Errorf("message %d is %q, want %s", i, messages[i], w)
		}
	}
}

func TestWithoutDebugNoStepIsLogged(t *testing.T) {
	h := harness.New(t)
	if _, _, messages := debugged(h); len(messages) > 0 {
		t.Errorf("%q", messages)
	}
}
