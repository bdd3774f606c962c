package docker

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// A client is one test's way to a daemon.
type client struct {
	*harness.H
	on  *engine
	env []string
}

// begin begins a test with the daemon that most tests share.
func begin(t *testing.T) *client {
	t.Helper()
	return &client{H: engines.New(t), on: shared}
}

// in is the same client for a part of the test.
func (d *client) in(t *testing.T) *client {
	h := *d.H
	h.TB = t
	return &client{H: &h, on: d.on, env: d.env}
}

// do runs a command of the client.
func (d *client) do(stdin string, args ...string) harness.Result {
	d.Helper()
	return d.GoProgram(d.prepared(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(stdin) }), "docker", args...).Result()
}

// prepared makes a command one of this daemon's.
func (d *client) prepared(prepare func(*exec.Cmd)) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) {
		model := d.on.Command(cmd.Args[1:]...)
		cmd.Args, cmd.Env = model.Args, append(model.Env, d.env...)
		prepare(cmd)
	}
}

// ok runs a command that must succeed, and returns what it printed, without a newline at the end.
func (d *client) ok(args ...string) string {
	d.Helper()
	return strings.TrimSpace(d.Ok(d.do("", args...)).Stdout)
}

// fails wants a command to have ended with one of these statuses, and to have said something.
func (d *client) fails(r harness.Result, said string, status ...int) {
	d.Helper()
	if !slices.Contains(status, r.Status) || !strings.Contains(r.Stdout+r.Stderr, said) {
		d.Errorf("want a status of %v and %q: %s", status, said, r)
	}
}

// A run is a container, run with flags, whose script prints something that matches a regular expression.
type run struct{ name, flags, script, want string }

func (d *client) runs(t *testing.T, runs []run) {
	for _, r := range runs {
		t.Run(r.name, func(t *testing.T) {
			needs(t, r.flags, r.script)
			args := append(append([]string{"run", "--rm"}, words(r.flags)...), image, "sh", "-c", r.script)
			wantMatch(t, d.in(t).do("", args...), r.want)
		})
	}
}

var limit = regexp.MustCompile(`\bcg ([a-z]+)\.`)

// needs skips a test whose script reads a limit of a controller that this view of the machine lacks, or whose container
// is to have all capabilities where that is too much for the runtime under test.
func needs(t *testing.T, flags, script string) {
	t.Helper()
	has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, unix.CAP_SYS_RESOURCE, 0, 0, 0)
	if strings.Contains(flags, "--privileged") && err == nil && has == 0 {
		engines.Differs(t, "runc", "it refuses capabilities that the machine lacks, and old Dockers ask for all")
	}
	if m := limit.FindStringSubmatch(script); m != nil {
		controller := m[1]
		if controller == "io" && !harness.V2() {
			controller = "blkio"
		}
		harness.Needs(t, controller)
	}
}

// wantMatch holds what a command printed, on both streams, to a regular expression.
func wantMatch(t testing.TB, r harness.Result, want string) {
	t.Helper()
	if !regexp.MustCompile(want).MatchString(strings.TrimSpace(r.Stdout + r.Stderr)) {
		t.Errorf("want %q: %s", want, r)
	}
}

// start starts a script in a detached container, which goes when the test ends, and returns its id.
func (d *client) start(flags, script string) string {
	d.Helper()
	id := d.ok(append(append([]string{"run", "--detach"}, words(flags)...), image, "sh", "-c", script)...)
	d.Cleanup(func() { d.do("", "rm", "--force", "--volumes", id) })
	return id
}

// wantState holds a container's state to what a template makes of it.
func (d *client) wantState(id, want, template string) {
	d.Helper()
	if got := d.ok("inspect", "--format", template, id); got != want {
		d.Errorf("%s is %q, not %q", template, got, want)
	}
}

// saysItsSize runs a command whose shell is to have a terminal of this size. The client tells the size when the shell
// runs already, and what is said last before the end may be lost on the way (with any runtime), so the shell goes on
// until it was heard.
func (d *client) saysItsSize(rows, cols uint16, args ...string) {
	d.Helper()
	term, slave := d.Pty(rows, cols)
	p := d.GoProgram(d.prepared(func(cmd *exec.Cmd) {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}), "docker", args...)
	d.Must(slave.Close())
	term.Type("while stty size; ! read -t 1 heard; do :; done; exit 0\n")
	term.Says(fmt.Sprintf("\n%d %d", rows, cols))
	term.Type("heard\n")
	d.Ok(p.Result())
}

// words splits flags as a shell does, but knows single quotes only.
func words(text string) (words []string) {
	for i, part := range strings.Split(text, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
