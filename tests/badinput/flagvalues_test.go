package badinput

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// A value is what a flag is given, and what the error must contain.
type value struct {
	flag, value string
	want        []string
}

// complete checks that the table has each flag of a command that takes a value.
func complete(h *harness.H, table []value, command ...string) {
	h.Helper()
	for _, f := range shown(h, command...) {
		if f.value && !slices.ContainsFunc(table, func(v value) bool { return v.flag == f.name }) {
			h.Errorf("%s --%s has no wrong value", strings.Join(command, " "), f.name)
		}
	}
}

func TestWrongValuesOfTheGlobalFlagsAreNamed(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	table := []value{
		{"cgroup-manager", "none", []string{`--cgroup-manager "none"`}},
		{"log", h.Path("missing/log"), []string{"--log", h.Path("missing/log"), "no such file or directory"}},
		{"log", h.Path(), []string{"--log", h.Path(), "is a directory"}},
		{"log-format", "xml", []string{`--log-format "xml"`}},
		{"root", h.Path("file"), []string{h.Path("file"), "not a directory"}},
		{"root", h.Path(strings.Repeat("r", 300)), []string{"file name too long"}},
		{"root", "/proc/nowhere", []string{"state directory", "/proc/nowhere", "no such file or directory"}},
		{"rootless", "maybe", []string{`--rootless "maybe"`}},
	}
	complete(h, table)
	b := h.Bundle()
	for _, v := range table {
		h.Fails(h.Creel("--"+v.flag, v.value, "create", "--bundle", b, h.ID()), v.want...)
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestWrongValuesOfTheFlagsOfCreateRunAndPlanAreNamed(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	table := []value{
		{"bundle", h.Path("missing"), []string{h.Path("missing"), "config.json", "no such file or directory"}},
		{"console-socket", h.Path("missing"), []string{h.Path("missing"), "no such file or directory"}},
		{"pidfd-socket", h.Path("missing"), []string{"pidfd socket", h.Path("missing"), "no such file or directory"}},
		{"pidfd-socket", h.Path("file"), []string{"pidfd socket", h.Path("file"), "connection refused"}},
		{"pid-file", h.Path("missing/pid"), []string{"pid file", h.Path("missing"), "no such file or directory"}},
		{"pid-file", "/proc/self/pid", []string{"pid file", "/proc/self/"}},
		{"preserve-fds", "many", []string{"preserve-fds", `"many"`}},
		{"preserve-fds", "-1", []string{"preserve-fds", "-1"}},
		{"preserve-fds", "1.5", []string{"preserve-fds", `"1.5"`}},
		{"preserve-fds", "99999999999999999999", []string{"preserve-fds", "99999999999999999999", "out of range"}},
		{"preserve-fds", "1000000000", []string{"preserve-fds", "1000000000", "bad file descriptor"}},
		{"format", "xml", []string{`--format "xml"`}},
	}
	plain, terminal := h.Bundle(), h.Bundle(func(s *S) { s.Process.Terminal = true })
	for _, c := range []string{"create", "run", "plan"} {
		complete(h, table, c)
		for _, v := range table {
			planned := c == "plan" && !slices.Contains([]string{"bundle", "format", "preserve-fds"}, v.flag)
			if planned || c != "plan" && v.flag == "format" {
				continue // plan connects and writes nothing
			}
			args := []string{c, "--bundle", plain}
			if v.flag == "console-socket" {
				args[2] = terminal
				if c == "run" {
					args = append(args, "--detach")
				}
			}
			h.Fails(h.Creel(append(args, "--"+v.flag, v.value, h.ID())...), v.want...)
			if left := h.Containers(); len(left) > 0 {
				t.Fatalf("%s --%s %s left %v", c, v.flag, v.value, left)
			}
		}
	}
	h.Fails(h.Creel("run", "--bundle", terminal, "--console-socket", h.Path("s"), h.ID()), "cannot use console socket")
}

func TestWrongValuesOfTheFlagsOfExecAreNamed(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	h.WriteFile(h.Path("no-args.json"), `{"cwd": "/"}`, 0o644)
	h.WriteFile(h.Path("bad.json"), `{"args": ["true"], "cwd": "/", "user": {"uid": -1}}`, 0o644)
	c := h.Started(h.Bundle(harness.Sleep))
	table := []value{
		{"console-socket", h.Path("missing"), []string{h.Path("missing"), "no such file or directory"}},
		{"pidfd-socket", h.Path("missing"), []string{"pidfd socket", h.Path("missing"), "no such file or directory"}},
		{"cwd", "relative", []string{"process.cwd", `"relative"`}},
		{"cwd", "/etc/passwd", []string{"process.cwd", "/etc/passwd", "not a directory"}},
		{"env", "novalue", []string{"process.env[", `"novalue"`}},
		{"env", "=x", []string{"process.env[", `"=x"`}},
		{"user", "root", []string{`--user "root"`}},
		{"user", "-1", []string{`--user "-1"`}},
		{"user", "4294967296", []string{`--user "4294967296"`}},
		{"user", "4294967295", []string{"process.user.uid", "4294967295"}},
		{"user", "1:2:3", []string{`--user "1:2:3"`, `"2:3"`}},
		{"user", ":5", []string{`--user ":5"`}},
		{"additional-gids", "1,,2", []string{`--additional-gids "1,,2"`}},
		{"additional-gids", "wheel", []string{`--additional-gids "wheel"`}},
		{"process", h.Path("missing"), []string{"--process", h.Path("missing"), "no such file or directory"}},
		{"process", h.Path(), []string{"--process", h.Path(), "is a directory"}},
		{"process", h.Path("file"), []string{"--process", h.Path("file"), "line 1"}},
		{"process", h.Path("bad.json"), []string{"--process", "user.uid", "-1"}},
		{"process", h.Path("no-args.json"), []string{"process.args"}},
		{"process", "/dev/zero", []string{"--process", "/dev/zero", "more than"}},
		{"pid-file", h.Path("missing/pid"), []string{"pid file", h.Path("missing"), "no such file or directory"}},
		{"process-label", "label", []string{"process.selinuxLabel", `"label"`}},
		{"apparmor", "profile", []string{"process.apparmorProfile", `"profile"`}},
		{"preserve-fds", "1", []string{"--preserve-fds 1", "fd 3", "bad file descriptor"}},
		{"preserve-fds", "-1", []string{"preserve-fds", "-1"}},
		{"cgroup", "missing", []string{"--cgroup", "missing", "no such file or directory"}},
		{"cgroup", "../" + c.ID, []string{"--cgroup", "../" + c.ID}},
		{"cap", "CAP_FLY", []string{"process.capabilities", "CAP_FLY"}},
	}
	complete(h, table, "exec")
	for _, v := range table {
		args := []string{"exec", "--" + v.flag, v.value, c.ID, "true"}
		if v.flag == "console-socket" {
			args = slices.Insert(args, 1, "-d", "-t")
		}
		r := h.Creel(args...)
		if v.flag == "cap" { // as in a config, what this machine lacks is a warning
			h.Ok(r)
		} else if r.Status != 255 {
			t.Errorf("want status 255: %s", r)
		}
		for _, w := range v.want {
			if !strings.Contains(r.LastLine(), w) {
				t.Errorf("%q is missing: %s", w, r)
			}
		}
	}
	h.Fails(h.Creel("exec", "--preserve-fds", "many", c.ID, "true"), "preserve-fds", `"many"`)
	if pids := h.Ok(h.Creel("ps", "--format", "json", c.ID)).Stdout; strings.Count(pids, ",") > 1 {
		t.Errorf("processes are left: %s", pids) // there are the shell and its sleep
	}
}

func TestWrongValuesOfTheOtherFlagsAreNamed(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	tables := map[string][]value{
		"events": {
			{"interval", "0", []string{"--interval 0s", "greater than 0"}}, {"interval", "-1s", []string{"--interval -1s", "greater than 0"}},
			{"interval", "soon", []string{"interval", `"soon"`}}, {"interval", "5", []string{"interval", `"5"`}},
		},
		"ps":   {{"format", "xml", []string{`--format "xml"`}}, {"format", "", []string{`--format ""`}}},
		"list": {{"format", "xml", []string{`--format "xml"`}}, {"format", "JSON", []string{`--format "JSON"`}}},
		"spec": {{"bundle", h.Path("missing"), []string{h.Path("missing/config.json"), "no such file or directory"}}},
	}
	for command, table := range tables {
		complete(h, table, command)
		for _, v := range table {
			args := []string{command, "--" + v.flag, v.value}
			if command == "events" || command == "ps" {
				args = append(args, c.ID)
			}
			h.Fails(h.Creel(args...), v.want...)
		}
	}
	for _, command := range []string{"pause", "resume", "kill", "start", "state", "delete", "features", "mount"} {
		complete(h, nil, command)
	}
	h.Fails(h.Creel("ps", c.ID, "--no-such-option"), "ps "+c.ID, "exit status 1")
	h.Fails(h.Creel("ps", c.ID, "-o", "comm"), "PID")
}

func TestWrongArgumentsOfMountAreNamed(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, harness.Root(h.OwnRoot())))
	h.WriteFile(h.Path("empty"), "", 0o644)
	for what, want := range map[string][]string{
		"{":                                 {"line 1"},
		`{"destination": 5}`:                {"destination"},
		`{"type": "tmpfs"}`:                 {"mounts[0].destination"},
		"type=tmpfs":                        {"mounts[0].destination"},
		"destination=/tmp":                  {"mounts[0].type"},
		"type=bind,destination=/tmp":        {"mounts[0].source"},
		"src=" + h.Path("no") + ",dst=/tmp": {h.Path("no"), "no such file or directory"},
		"src=/tmp,dst=/tmp,size=1m":         {"mounts[0].options", "size=1m"},
		"src=/tmp,dst=/etc/passwd":          {"/etc/passwd", "not a directory"},
		"type=dreamfs,dst=/tmp":             {"dreamfs", "no such device"},
		"type=tmpfs,dst=/":                  {"the root"},
		"type=tmpfs,dst=/proc":              {"/proc"},
		"type=tmpfs,dst=/tmp,size=much":     {"size"},
		"type=tmpfs,dst=/tmp,remount":       {"remount"},
		h.Path("missing"):                   {h.Path("missing"), "no such file or directory"},
		h.Path("empty"):                     {h.Path("empty"), "line 1"},
		"/dev/zero":                         {"/dev/zero", "more than"},
		"":                                  {"no such file or directory"},
		strings.Repeat(`{"a":`, 20000):      {"line 1"},
	} {
		h.Fails(h.Creel("mount", "add", c.ID, what), append([]string{"mount add " + c.ID}, want...)...)
	}
	h.Fails(h.Creel("mount", "move", c.ID, "/tmp"), "mount move: unknown")
	h.Fails(h.Creel("mount", "remove", c.ID, "/tmp"), "no mount was added on /tmp")
	h.Fails(h.Creel("mount", "remove", c.ID, ""), "no mount was added on /")
	h.Fails(h.Creel("mount", "add", "nobody", "type=tmpfs,dst=/tmp"), "container does not exist")
	if got := h.Ok(h.Creel("exec", c.ID, "cat", "/proc/mounts")).Stdout; strings.Contains(got, " /tmp ") {
		t.Errorf("a mount is left: %s", got)
	}
	if entries, err := os.ReadDir(h.Root + "/" + c.ID); err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "state.json.") }) {
		t.Errorf("drafts are left: %v, %v", entries, err)
	}
}
