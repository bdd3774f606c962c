package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

var kinds = []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}

// hook appends a hook to a config.
func hook(kind string, h specs.Hook) harness.Mutate {
	return func(s *S) {
		if s.Hooks == nil {
			s.Hooks = &specs.Hooks{}
		}
		list := map[string]*[]specs.Hook{
			"prestart": &s.Hooks.Prestart, "createRuntime": &s.Hooks.CreateRuntime, //nolint:staticcheck // it is still to be kept
			"createContainer": &s.Hooks.CreateContainer, "startContainer": &s.Hooks.StartContainer,
			"poststart": &s.Hooks.Poststart, "poststop": &s.Hooks.Poststop,
		}[kind]
		*list = append(*list, h)
	}
}

// hooks appends a shell script as a hook. Both filesystems have a /bin/sh. What it does
// not read of the state it throws away: nothing is asked of a runtime that finds its
// pipe closed.
func hooks(kind, script string) harness.Mutate {
	if !strings.HasPrefix(script, "cat ") {
		script = "cat >/dev/null; " + script
	}
	return hook(kind, specs.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}})
}

// log is a directory that hooks and the container's program write to, the same for
// both sides.
func (c *C) log() (string, harness.Mutate) {
	c.Helper()
	root, own := c.ownRoot()
	dir := c.Path("log")
	c.Must(os.MkdirAll(dir, 0o777))
	c.Must(os.MkdirAll(root+dir, 0o755))
	return dir, func(s *S) {
		own(s)
		harness.Bind(dir, dir)(s)
	}
}

func TestHookIsCalled(t *testing.T) {
	for _, kind := range kinds {
		each(t, kind, func(c *C) {
			dir, logged := c.log()
			say := func(word string) string { return "echo " + word + " >>" + dir + "/log" }
			bundle := c.Bundle(harness.Script(say("program")), logged, hooks(kind, say("hook")+"; if [ -d /usr/share ]; then "+say("host")+"; fi"))
			id := c.ID()
			expect := func(when, want string) {
				c.Helper()
				got := strings.ReplaceAll(read(dir+"/log"), "host\n", "")
				if strings.Join(strings.Fields(got), " ") != want {
					c.Errorf("%s the log has %q, not %q", when, got, want)
				}
			}
			c.Ok(c.Creel("create", "--bundle", bundle, id))
			early, late := "", "program"
			switch kind {
			case "prestart", "createRuntime", "createContainer":
				early, late = "hook", "hook program"
			case "startContainer":
				late = "hook program"
			}
			expect("after create", early)
			if kind != "startContainer" && early != "" && !strings.Contains(read(dir+"/log"), "host") {
				c.Errorf("the root was changed before the hook ran")
			}
			c.Ok(c.Creel("start", id))
			if kind == "poststart" { // the program was executed, but may not have written yet
				if got := read(dir + "/log"); !strings.Contains(got, "hook") {
					c.Errorf("after start the log has %q", got)
				}
			}
			c.WaitFor(id, "stopped")
			if kind != "poststart" {
				expect("at the end of the program", late)
			}
			c.Ok(c.Creel("delete", id))
			if kind == "poststop" {
				expect("after delete", "program hook")
			}
		})
	}
}

func TestHookPathResolves(t *testing.T) {
	for _, kind := range kinds {
		each(t, kind, func(c *C) {
			dir, logged := c.log()
			script := "#!/bin/sh\necho found >>" + dir + "/log\n"
			path := c.Path("hook") // on the host alone
			if kind == "startContainer" {
				path = "/hook" // in the container alone
				c.WriteFile(c.Path("rootfs")+path, script, 0o755)
			} else {
				c.WriteFile(path, script, 0o755)
			}
			c.Ok(c.Run(c.Bundle(looks, logged, hook(kind, specs.Hook{Path: path, Env: []string{"PATH=/bin"}}))))
			if got := read(dir + "/log"); got != "found\n" {
				c.Errorf("the hook wrote %q", got)
			}
		})
	}
}

func TestHookNamespaces(t *testing.T) {
	for _, kind := range kinds {
		each(t, kind, func(c *C) {
			dir, logged := c.log()
			script := "for n in mnt net uts ipc; do readlink /proc/self/ns/$n; done >" + dir + "/hook"
			r := c.see(logged, hooks(kind, script))
			for i, name := range []string{"mnt", "net", "uts", "ipc"} {
				lines := append(strings.Fields(read(dir+"/hook")), "", "", "", "")
				host, _ := os.Readlink("/proc/self/ns/" + name)
				want := host
				if kind == "createContainer" || kind == "startContainer" {
					want = r.Namespaces[name]
				}
				if lines[i] != want {
					c.Errorf("its %s namespace is %s; the host's is %s, the container's %s", name, lines[i], host, r.Namespaces[name])
				}
			}
		})
	}
}

func TestHooksRunInOrder(t *testing.T) {
	c := begin(t)
	dir, logged := c.log()
	m := []harness.Mutate{looks, logged}
	want := ""
	for _, kind := range kinds {
		for i := range 3 {
			m = append(m, hooks(kind, fmt.Sprintf("echo %s %d >>%s/%s", kind, i, dir, kind)))
		}
	}
	c.Ok(c.Run(c.Bundle(m...)))
	for _, kind := range kinds {
		want = fmt.Sprintf("%s 0\n%s 1\n%s 2\n", kind, kind, kind)
		if got := read(dir + "/" + kind); got != want {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestHookKindsRunInOrder(t *testing.T) {
	for _, pair := range [][2]string{{"prestart", "createRuntime"}, {"createRuntime", "createContainer"}} {
		each(t, pair[0]+"-"+pair[1], func(c *C) {
			dir, logged := c.log()
			say := func(kind string) harness.Mutate { return hooks(kind, "echo "+kind+" >>"+dir+"/log") }
			c.Ok(c.Run(c.Bundle(looks, logged, say(pair[1]), say(pair[0]))))
			if got := read(dir + "/log"); got != pair[0]+"\n"+pair[1]+"\n" {
				c.Errorf("they ran as %q", got)
			}
		})
	}
}

func TestHooksGetTheState(t *testing.T) {
	c := begin(t)
	dir, logged := c.log()
	m := []harness.Mutate{waits, logged, func(s *S) { s.Annotations = map[string]string{"org.example.a": "1"} }}
	for _, kind := range kinds {
		m = append(m, hooks(kind, "cat >"+dir+"/"+kind))
	}
	bundle := c.Bundle(m...)
	k := c.Started(bundle)
	pid := c.State(k.ID).Pid
	c.stopped(k.ID)
	c.Ok(c.Creel("delete", k.ID))
	for _, kind := range kinds {
		var s specs.State
		if err := json.Unmarshal([]byte(read(dir+"/"+kind)), &s); err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if s.ID != k.ID || s.Bundle != bundle || s.Annotations["org.example.a"] != "1" || !semver(s.Version) {
			t.Errorf("%s got %+v", kind, s)
		}
		statuses := map[string]string{"startContainer": "created", "poststart": "running", "poststop": "stopped"}
		if want := statuses[kind]; want != "" && string(s.Status) != want {
			t.Errorf("%s: the status is %s, not %s", kind, s.Status, want)
		}
		wantPid := pid
		if kind == "createContainer" || kind == "startContainer" { // as the container sees it
			wantPid = 1
		}
		if kind == "createContainer" && s.Pid == pid { // its pid namespace may be the runtime's still
			wantPid = pid
		}
		if kind != "poststop" && s.Pid != wantPid {
			t.Errorf("%s: the pid is %d, not %d", kind, s.Pid, wantPid)
		}
	}
}
