package containerd

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// C is a test of containerd.
type C struct{ *harness.H }

// begin begins a test. What it leaves in containerd is taken away, by force.
func begin(t testing.TB) *C {
	c := &C{engines.New(t)}
	t.Cleanup(func() {
		for _, id := range strings.Fields(c.ctr("containers", "ls", "--quiet").Stdout) {
			c.remove(id)
		}
	})
	return c
}

// ctr runs one of ctr's commands in the tests' namespace.
func (c *C) ctr(args ...string) harness.Result {
	c.Helper()
	return c.Program("ctr", words(args)...)
}

// start starts one of ctr's commands.
func (c *C) start(args ...string) *harness.Process {
	c.Helper()
	return c.GoProgram(nil, "ctr", words(args)...)
}

// inPty starts one of ctr's commands in a terminal.
func (c *C) inPty(rows, cols uint16, args ...string) (*harness.Process, *harness.Terminal) {
	c.Helper()
	term, slave := c.Pty(rows, cols)
	p := c.GoProgram(func(cmd *exec.Cmd) {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}, "ctr", words(args)...)
	c.Must(slave.Close())
	return p, term
}

func words(args []string) []string { return append([]string{"--namespace", harness.Prefix()}, args...) }

// runFlags are the first words of `ctr run` with the runtime under test.
func runFlags() []string {
	flags := []string{"run", "--runc-binary", engines.Runtime()}
	if !harness.Controller("cpu") {
		flags = append(flags, "--cpu-shares", "0") // else ctr asks for 1024
	}
	return flags
}

// runArgs are the words of `ctr run` for a container of the image.
func runArgs(id string, flags []string, command ...string) []string {
	return slices.Concat(runFlags(), flags, []string{image, id}, command)
}

// run runs a script in the foreground, with these flags.
func (c *C) run(script string, flags ...string) harness.Result {
	c.Helper()
	return c.ctr(runArgs(c.ID(), append(flags, "--rm"), "sh", "-c", script)...)
}

// prints fails the test unless a script in a container succeeds and prints this.
func (c *C) prints(want, script string, flags ...string) {
	c.Helper()
	if r := c.run(script, flags...); r.Status != 0 || strings.TrimSpace(r.Stdout) != want {
		c.Errorf("want %q: %s", want, r)
	}
}

// sleep is what runs in containers that wait. It ends on SIGTERM.
const sleep = "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"

// detached starts a script in the background and returns the container's id.
func (c *C) detached(script string, flags ...string) string {
	c.Helper()
	id := c.ID()
	c.Ok(c.ctr(runArgs(id, append(flags, "--detach"), "sh", "-c", script)...))
	return id
}

// remove ends a container and removes it.
func (c *C) remove(id string) {
	c.Helper()
	if status, _ := c.task(id); status != "" {
		c.force(id)
	}
	c.Ok(c.ctr("containers", "rm", id))
}

// force deletes a task by force.
func (c *C) force(id string) {
	c.Helper()
	c.Ok(c.ctr("tasks", "delete", "--force", id))
}

// task is the status and the pid of a container's task.
func (c *C) task(id string) (status string, pid int) {
	c.Helper()
	for _, line := range engines.Lines(c.Ok(c.ctr("tasks", "ls")).Stdout) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == id {
			pid, err := strconv.Atoi(f[1])
			c.Must(err)
			return f[2], pid
		}
	}
	return "", 0
}

// becomes waits until a task has this status; none is "".
func (c *C) becomes(id, status string) {
	c.Helper()
	c.Eventually(fmt.Sprintf("task %s is %q", id, status), func() bool {
		is, _ := c.task(id)
		return is == status
	})
}

var execs int

// exec runs a script in a container that is there.
func (c *C) exec(id, script string, flags ...string) harness.Result {
	c.Helper()
	execs++
	return c.ctr(slices.Concat([]string{"tasks", "exec", "--exec-id", fmt.Sprint("exec", execs)}, flags, []string{id, "sh", "-c", script})...)
}

// cgroup reads a file of the container's cgroup.
func (c *C) cgroup(controller, id, file string) string {
	c.Helper()
	return c.CgroupFile(controller, harness.Prefix()+"/"+id, file)
}

// holds compares the limits of a container.
func (c *C) holds(id string, want engines.Limits) {
	c.Helper()
	want.Hold(c.H, harness.Prefix()+"/"+id)
}
