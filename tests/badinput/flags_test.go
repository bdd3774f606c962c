package badinput

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestFlagsThatNobodyKnowsAreNamed(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"run", "--bundle", b, "--no-such-flag", "x"}, []string{"no-such-flag"}},
		{[]string{"run", "--bundle", b}, []string{"requires exactly 1 argument"}},
		{[]string{"run", "--bundle", b, "one", "two"}, []string{"requires exactly 1 argument"}},
		{[]string{"state"}, []string{"requires exactly 1 argument"}},
		{[]string{"list", "x"}, []string{"argument"}},
		{[]string{"run", "--bundle", b, "--preserve-fds", "many", "x"}, []string{"preserve-fds", "many"}},
		{[]string{"--log-format", "xml", "list"}, []string{`--log-format "xml"`}},
		{[]string{"--rootless", "maybe", "list"}, []string{"--rootless", "maybe"}},
		{[]string{"--cgroup-manager", "none", "list"}, []string{`--cgroup-manager "none": it takes cgroupfs, systemd or disabled`}},
		{[]string{"--no-such-flag", "list"}, []string{"no-such-flag"}},
		{[]string{"kill", "nobody", "TERM", "more"}, []string{"argument"}},
		{[]string{"plan", "--bundle", b, "--format", "xml"}, []string{"--format", "xml"}},
	} {
		h.Fails(h.Creel(c.args...), c.want...)
	}
	if r := h.Creel("dance"); r.Status == 0 || !strings.Contains(r.Stderr, "dance") {
		t.Error(r)
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestFilesThatCannotBePreservedAreNamed(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	h.Fails(h.Run(b, "--preserve-fds", "1"), "--preserve-fds 1", "fd 3", "bad file descriptor")
	h.Fails(h.Run(b, "--preserve-fds", "-1"), "preserve-fds", "-1")
	for _, n := range []string{"1", "x", "-1", "99999999999999999999"} {
		p := h.Go(func(c *exec.Cmd) {
			c.Args = append([]string{"sh", "-c", "export LISTEN_FDS=" + n + ` LISTEN_PID=$$; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
			c.Path, c.Err = exec.LookPath("sh")
		}, "run", "--bundle", b, h.ID())
		r := h.Fails(p.Result())
		if !strings.Contains(r.LastLine(), "fd 3") && !strings.Contains(r.LastLine(), "LISTEN_FDS="+`"`+n+`"`) {
			t.Error(r)
		}
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestSocketsThatNobodyListensOnAreNamed(t *testing.T) {
	h := harness.New(t)
	dead := h.Path("dead")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	h.Must(err)
	l.SetUnlinkOnClose(false)
	h.Must(l.Close())
	h.WriteFile(h.Path("file"), "", 0o644)
	for path, want := range map[string]string{
		h.Path("missing"): "no such file or directory", dead: "connection refused", h.Path("file"): "connection refused",
		h.Path(strings.Repeat("x", 200)): "invalid argument",
	} {
		b := h.Bundle(func(s *S) { s.Process.Terminal = true })
		h.Fails(h.Creel("create", "--bundle", b, "--console-socket", path, h.ID()), "process.terminal", path, want)
		h.Fails(h.Creel("create", "--bundle", h.Bundle(), "--pidfd-socket", path, h.ID()), "pidfd socket", path, want)
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}

func TestAPidFileThatCannotBeWrittenLeavesNothing(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	h.Must(os.Mkdir(h.Path("directory"), 0o755))
	for path, want := range map[string]string{
		h.Path("missing/pid"): "no such file or directory", h.Path("file/pid"): "not a directory", h.Path("directory"): "pid file",
	} {
		for _, command := range []string{"run", "create"} {
			h.Fails(h.Creel(command, "--bundle", h.Bundle(), "--pid-file", path, h.ID()), "pid file", want)
			if left := h.Containers(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		}
	}
}

func TestASpecDoesNotReplaceAConfig(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	before := h.Host("cat " + b + "/config.json")
	h.Fails(h.Creel("spec", "--bundle", b), "config.json exists")
	if after := h.Host("cat " + b + "/config.json"); after != before {
		t.Error("it was replaced")
	}
	h.Fails(h.Creel("spec", "--bundle", h.Path("missing")), "no such file or directory")
}

func TestABundleThatIsNoneIsNamed(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	h.Fails(h.Run(h.Path("file")), "config.json", "not a directory")
	h.Fails(h.Creel("run", "--bundle", "", h.ID()), "config.json", "no such file or directory")
	h.Must(os.Symlink("loop", h.Path("loop")))
	h.Fails(h.Run(h.Path("loop")), "config.json", "too many levels of symbolic links")
}

func TestEveryCommandNamesAContainerThatIsNotThere(t *testing.T) {
	h := harness.New(t)
	for _, command := range []string{"start", "state", "kill", "delete", "pause", "resume", "update"} {
		h.Fails(h.Creel(command, "nobody"), "container does not exist")
		h.Fails(h.Creel(command, "../nobody"), "container id", "../nobody")
	}
}
