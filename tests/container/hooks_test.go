package container

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// logging is a hook that appends its kind, its namespace and its state to a file.
func logging(file, kind string) []specs.Hook {
	script := "printf '%s\\t%s\\t%s\\t%s\\n' " + kind + " \"$(readlink /proc/self/ns/mnt)\" \"$(pwd)\" \"$(cat)\" >> " + file
	return []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/bin:/usr/bin"}}}
}

func TestHooksOfAllKindsRunInTheirOrderWithTheirState(t *testing.T) {
	h := harness.New(t)
	file := h.Path("hooks.log")
	h.WriteFile(file, "", 0o666)
	b := h.Bundle(harness.Sleep, writable(h), harness.Bind(file, file), func(s *S) {
		s.Hooks = &specs.Hooks{
			CreateRuntime: logging(file, "createRuntime"), CreateContainer: logging(file, "createContainer"),
			StartContainer: logging(file, "startContainer"), Poststart: logging(file, "poststart"), Poststop: logging(file, "poststop"),
		}
		//lint:ignore SA1019 engines still use them
		s.Hooks.Prestart = logging(file, "prestart")
	})
	c := h.Create(b)
	pid := h.State(c.ID).Pid
	h.Ok(h.Creel("start", c.ID))
	inside := h.ProcLink(pid, "ns/mnt")
	h.Ok(h.Creel("delete", "--force", c.ID))
	text, err := os.ReadFile(file)
	h.Must(err)
	outside := hostNS(t, "mnt")
	want := []struct {
		kind, ns, status string
		pid              int
	}{
		{"prestart", outside, "created", pid}, {"createRuntime", outside, "created", pid}, {"createContainer", inside, "created", 1},
		{"startContainer", inside, "created", 1}, {"poststart", outside, "running", pid}, {"poststop", outside, "stopped", 0},
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d hooks ran:\n%s", len(lines), text)
	}
	for i, w := range want {
		f := strings.SplitN(lines[i], "\t", 4)
		var st specs.State
		if err := json.Unmarshal([]byte(f[3]), &st); err != nil {
			t.Fatalf("%s: %v", lines[i], err)
		}
		if f[0] != w.kind || f[1] != w.ns || string(st.Status) != w.status || st.Pid != w.pid || st.ID != c.ID || st.Bundle != b {
			t.Errorf("hook %d: %s, want %+v", i, lines[i], w)
		}
		if w.ns == outside && f[2] != b {
			t.Errorf("%s runs in %s, not in the bundle", f[0], f[2])
		}
	}
}

func TestAHookHasExactlyItsEnvironment(t *testing.T) {
	h := harness.New(t)
	file := h.Path("env")
	h.Ok(h.Run(h.Bundle(func(s *S) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: "/usr/bin/env", Args: []string{"env", "sh", "-c", "env | grep -v -e ^PWD -e ^SHLVL -e ^_= > " + file}, Env: []string{"PATH=/bin:/usr/bin", "ONLY=this"}}}}
	})))
	text, err := os.ReadFile(file)
	h.Must(err)
	if got := strings.Fields(string(text)); len(got) != 2 || !strings.Contains(string(text), "ONLY=this") {
		t.Errorf("the environment is %q", got)
	}
}

func TestAGrandchildThatKeepsStderrOpenDelaysNobody(t *testing.T) {
	h := harness.New(t)
	pidfile := h.Path("pid")
	script := "sleep 100 & echo $! > " + pidfile
	h.Ok(h.Run(h.Bundle(func(s *S) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", script}}}}
	})))
	text, err := os.ReadFile(pidfile)
	h.Must(err)
	if err := killPid(strings.TrimSpace(string(text))); err != nil {
		t.Errorf("the grandchild is gone already: %v", err)
	}
}

func TestAPoststopHookThatFailsIsAWarningAndTheOthersRun(t *testing.T) {
	h := harness.New(t)
	file := h.Path("ran")
	c := h.Create(h.Bundle(func(s *S) {
		s.Hooks = &specs.Hooks{Poststop: []specs.Hook{
			{Path: "/bin/false"}, {Path: "/bin/touch", Args: []string{"touch", file}},
		}}
	}))
	r := h.Ok(h.Creel("delete", "--force", c.ID))
	contains(t, r.Stderr, "hooks.poststop[0]", "level=warning", "exit status 1")
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestAPoststartHookThatFailsStopsTheContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep, func(s *S) {
		s.Hooks = &specs.Hooks{Poststart: []specs.Hook{{Path: "/bin/false"}}}
	}))
	h.Fails(h.Creel("start", c.ID), "hooks.poststart[0]", "exit status 1")
	h.Fails(h.Creel("state", c.ID), "does not exist")
}
