package lifecycle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// The kinds of hooks, in the order in which they run.
var hookKinds = []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}

func hooksOf(s *specs.Spec, kind string) *[]specs.Hook {
	if s.Hooks == nil {
		s.Hooks = &specs.Hooks{}
	}
	h := s.Hooks
	return map[string]*[]specs.Hook{
		"prestart": &h.Prestart, "createRuntime": &h.CreateRuntime, "createContainer": &h.CreateContainer, //nolint:staticcheck // engines still use it
		"startContainer": &h.StartContainer, "poststart": &h.Poststart, "poststop": &h.Poststop,
	}[kind]
}

// hook adds a hook that runs a shell script.
func hook(kind, script string) harness.Mutate {
	return func(s *specs.Spec) {
		l := hooksOf(s, kind)
		*l = append(*l, specs.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}})
	}
}

// logged adds to every kind a hook that appends a line to a file which container
// and host have at the same place.
func logged(h *harness.H, script string) (m harness.Mutate, read func() string) {
	h.Helper()
	dir := h.Path("log")
	h.Must(os.Mkdir(dir, 0o777))
	h.Must(os.Chmod(dir, 0o777))
	file := filepath.Join(dir, "file")
	m = func(s *specs.Spec) {
		harness.Root(h.OwnRootAt("logged"))(s)
		harness.Bind(dir, dir)(s)
		for _, kind := range hookKinds {
			hook(kind, "kind="+kind+"; "+script+" >> "+file)(s)
		}
	}
	return m, func() string {
		text, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			h.Fatal(err)
		}
		return string(text)
	}
}

func TestHooksRunInTheirOrderAtTheirTime(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "echo $kind")
	b := h.Bundle(m, func(s *specs.Spec) {
		for _, kind := range hookKinds {
			l := hooksOf(s, kind)
			second := (*l)[0]
			second.Args = []string{"sh", "-c", strings.Replace(second.Args[2], "kind="+kind, "kind="+kind+"2", 1)}
			*l = append(*l, second)
		}
	}, harness.Script("echo process >> "+h.Path("log/file")+"; exec sleep 1000"))
	c := h.Create(b)
	expect(t, fields(log()), "prestart prestart2 createRuntime createRuntime2 createContainer createContainer2")
	h.Ok(h.Creel("start", c.ID))
	h.Eventually("the process runs", func() bool { return strings.Contains(log(), "process") })
	h.Eventually("poststart ran", func() bool { return strings.Contains(log(), "poststart2") })
	lines := strings.Fields(log())[6:]
	slices.Sort(lines[2:]) // the process and poststart do not wait for one another
	expect(t, strings.Join(lines, " "), "startContainer startContainer2 poststart poststart2 process")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID))
	expect(t, fields(strings.Join(strings.Fields(log())[11:], " ")), "poststop poststop2")
}

func TestRunRunsEveryHook(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			m, log := logged(h, "echo $kind")
			u := func(*specs.Spec) {}
			if userns {
				u = harness.UserNS(0, 65536)
			}
			h.Ok(h.Run(h.Bundle(m, u)))
			expect(t, fields(log()), strings.Join(hookKinds, " "))
		})
	}
}

func TestHooksReadTheStateOfTheContainer(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "(cat; echo)")
	id := h.ID()
	b := h.Bundle(m, func(s *specs.Spec) { s.Annotations = map[string]string{"a": "b"} }, harness.Sleep)
	h.Ok(h.Creel("create", "--bundle", b, id))
	pid := h.State(id).Pid
	h.Ok(h.Creel("start", id))
	h.Ok(h.Creel("delete", "--force", id))
	lines := strings.Split(strings.TrimSpace(log()), "\n")
	if len(lines) != len(hookKinds) {
		t.Fatalf("%d states:\n%s", len(lines), log())
	}
	for i, kind := range hookKinds {
		var s specs.State
		h.Must(json.Unmarshal([]byte(lines[i]), &s))
		want := specs.State{Version: specs.Version, ID: id, Status: specs.StateCreated, Pid: pid, Bundle: b}
		switch kind {
		case "createContainer", "startContainer":
			want.Pid = 1 // as it is seen in its own pid namespace
		case "poststart":
			want.Status = specs.StateRunning
		case "poststop":
			want.Status, want.Pid = specs.StateStopped, 0
		}
		if s.Annotations["a"] != "b" {
			t.Errorf("%s: annotations %v", kind, s.Annotations)
		}
		s.Annotations = nil
		if fmt.Sprint(s) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %+v", kind, s, want)
		}
		if kind == "poststop" && strings.Contains(lines[i], `"pid"`) {
			t.Errorf("a stopped container has a pid: %s", lines[i])
		}
	}
}

func TestHooksRunInTheNamespacesThatTheSpecificationNames(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "readlink /proc/self/ns/net")
	h.Ok(h.Run(h.Bundle(m)))
	lines := strings.Fields(log())
	host := nsLink(h, "net")
	for i, kind := range hookKinds {
		inside := kind == "createContainer" || kind == "startContainer"
		if (lines[i] != host) != inside {
			t.Errorf("%s runs in %s", kind, lines[i])
		}
	}
	if lines[2] != lines[3] {
		t.Errorf("two namespaces: %v", lines)
	}
}

func TestHooksSeeTheMountsThatTheSpecificationNames(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("on the host"), "", 0o644)
	// before the change of root the host's files are there, and the container's mounts too
	m, log := logged(h, "([ -e '"+h.Path("on the host")+"' ] && printf 'host '; grep -c /dev/marked /proc/self/mountinfo | tr '\\n' ' '; echo; true)")
	b := h.Bundle(m, harness.Mount(specs.Mount{Destination: "/dev/marked", Type: "tmpfs"}))
	h.Ok(h.Run(b))
	lines := strings.Split(log(), "\n")
	for i, kind := range hookKinds {
		want := "host 0 "
		switch kind {
		case "createContainer":
			want = "host 1 "
		case "startContainer":
			want = "1 "
		}
		expect(t, kind+": "+lines[i], kind+": "+want)
	}
}

func TestTheEnvironmentOfAHookIsItsOwn(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "(tr '\\0' ' ' < /proc/self/environ; echo)")
	h.Ok(h.Run(h.Bundle(m, func(s *specs.Spec) {
		s.Process.Env = []string{"PROCESS=1", "PATH=/bin"}
		for i, kind := range hookKinds {
			l := *hooksOf(s, kind)
			l[0].Env = []string{"A=1", "B="}
			if i%2 == 1 {
				l[0].Env = nil
			}
		}
	})))
	lines := strings.Split(log(), "\n")
	for i, kind := range hookKinds {
		want := "A=1 B= "
		if i%2 == 1 {
			want = ""
		}
		if kind == "startContainer" {
			want = "PROCESS=1 PATH=/bin HOME=/root "
		}
		expect(t, kind+": "+strings.TrimPrefix(lines[i], "SHLVL=1 "), kind+": "+want)
	}
}

func TestHooksStartInTheBundle(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "readlink /proc/self/cwd")
	b := h.Bundle(m, func(s *specs.Spec) { s.Process.Cwd = "/etc" })
	h.Ok(h.Run(b))
	lines := strings.Fields(log())
	for i, kind := range hookKinds {
		if kind != "startContainer" { // in the container there is no bundle
			expect(t, kind+" "+lines[i], kind+" "+b)
		}
	}
}

// TestOnlyPoststopHooksDoWithoutTheBundle: the engine may have removed it before delete.
func TestOnlyPoststopHooksDoWithoutTheBundle(t *testing.T) {
	for _, at := range []string{"prestart[1]", "createRuntime[0]", "poststart[0]"} {
		t.Run(at, func(t *testing.T) {
			h := harness.New(t)
			kind, _, _ := strings.Cut(at, "[")
			ran, where := h.Path("ran"), h.Path("where")
			b := h.Bundle(harness.Sleep, hook("prestart", `mv "$PWD" "$PWD.away"`), hook(kind, "touch "+ran), hook("poststop", "pwd > "+where))
			h.Fails(h.Run(b), "hooks."+at, "in the working directory "+b, "no such file or directory")
			if _, err := os.Stat(ran); !os.IsNotExist(err) {
				t.Errorf("the hook ran: %v", err)
			}
			text, err := os.ReadFile(where)
			h.Must(err)
			expect(t, string(text), "/\n")
		})
	}
}

func TestTheOutputOfHooksIsNotTheContainers(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("echo process"), func(s *specs.Spec) {
		for _, kind := range hookKinds {
			hook(kind, "echo out; echo err >&2")(s)
		}
	})
	r := h.Ok(h.Run(b))
	if r.Stdout != "process\n" || r.Stderr != "" {
		t.Error(r)
	}
}

// What follows when a hook of each kind fails.
func TestAFailingHookEndsTheContainer(t *testing.T) {
	for i, kind := range hookKinds[:5] {
		t.Run(kind, func(t *testing.T) {
			h := harness.New(t)
			m, log := logged(h, "echo $kind")
			b := h.Bundle(m, harness.Sleep, func(s *specs.Spec) {
				l := hooksOf(s, kind)
				failing := specs.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", "echo reason >&2; exit 7"}}
				*l = append([]specs.Hook{failing}, *l...)
			})
			id := h.ID()
			r := h.Creel("create", "--bundle", b, id)
			if i >= 3 {
				h.Ok(r)
				r = h.Creel("start", id)
			}
			h.Fails(r, "hooks."+kind+"[0]", "reason", "exit status 7")
			gone(h, id)
			expect(t, fields(log()), strings.TrimSpace(strings.Join(hookKinds[:i], " ")+" poststop"))
			// and the same in one step
			h.Fails(h.Run(b), "hooks."+kind+"[0]", "reason", "exit status 7")
			gone(h, id)
		})
	}
}

func TestAFailingPoststopHookIsAWarning(t *testing.T) {
	h := harness.New(t)
	m, log := logged(h, "echo $kind")
	b := h.Bundle(m, func(s *specs.Spec) {
		l := hooksOf(s, "poststop")
		*l = append([]specs.Hook{{Path: "/nonexistent"}, {Path: "/bin/false"}}, *l...)
	})
	r := h.Ok(h.Run(b))
	has(t, r.Stderr, "level=warning", "hooks.poststop[0]", "/nonexistent", "hooks.poststop[1]", "exit status 1")
	has(t, log(), "poststop\n")
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestAHookThatHangsIsEndedWithItsChildren(t *testing.T) {
	for _, kind := range hookKinds {
		t.Run(kind, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(hook(kind, "sleep 1000 & sleep 1000; exit 0"), harness.Sleep, func(s *specs.Spec) {
				(*hooksOf(s, kind))[0].Timeout = harness.Ptr(1)
			})
			c := h.ID()
			r := h.Creel("run", "--detach", "--bundle", b, c)
			if kind == "poststop" {
				h.Ok(r)
				r = h.Ok(h.Creel("delete", "--force", c))
				has(t, r.Stderr, "level=warning", "hooks.poststop[0]", "timed out")
				return
			}
			h.Fails(r, "hooks."+kind+"[0]", "timed out")
		})
	}
}

// A daemon that a hook leaves behind with the hook's stderr open is nobody's business.
func TestAGrandchildOfAHookKeepsNobodyWaiting(t *testing.T) {
	for _, kind := range hookKinds {
		t.Run(kind, func(t *testing.T) {
			h := harness.New(t)
			// an hour is longer than any command is waited for
			b := h.Bundle(hook(kind, "sleep 3600 & echo $! > "+h.Path("pid")+" 2>/dev/null; exit 0"))
			h.Ok(h.Run(b))
			if kind != "createContainer" && kind != "startContainer" { // those end with the pid namespace
				h.Host("kill $(cat " + h.Path("pid") + ")")
			}
		})
	}
}

func TestAHookMayChangeTheContainersRootAndMounts(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	b := h.Bundle(harness.Root(root), harness.Script("cat /mnt/a /made; ls -d /proc/1"), hook("createRuntime", "echo made > "+root+"/made"),
		hook("createContainer", "mkdir -p "+root+"/mnt && mount -t tmpfs none "+root+"/mnt && echo mounted > "+root+"/mnt/a"))
	expect(t, h.Ok(h.Run(b)).Stdout, "mounted\nmade\n/proc/1\n")
	if _, err := os.Stat(filepath.Join(root, "mnt/a")); err == nil {
		t.Error("the hook's mount is on the host")
	}
}
