package cli

import (
	"errors"
	"fmt"
	"math"

	"github.com/creel-project/creel/libcontainer"
)

// execFailed is the status of an exec that executed nothing; a process's own is its own.
const execFailed = exitStatus(255)

func (p *program) execCommand() *command {
	return &command{
		name: "exec", usage: "execute new process inside the container",
		args:  "<container-id> <command> [command options]  || -p process.json <container-id>",
		least: 1, most: math.MaxInt,
		description: "exec executes one more process in a running container, in the foreground, and exits with\n" +
			"its status: 128+n when signal n ended it. Unless told otherwise the process is like the container's own.",
		flags: execFlags, action: p.exec,
	}
}

func execFlags(f *flags) {
	f.ordered = true
	f.text("", "path to an AF_UNIX socket which will receive a file descriptor referencing the master end of the console's pseudoterminal", "console-socket")
	f.text("", "path to an AF_UNIX socket which will receive a file descriptor referencing the exec process", "pidfd-socket")
	f.text("", "current working directory in the container", "cwd")
	f.list("set environment variables", "env", "e")
	f.yes("allocate a pseudo-TTY", "tty", "t")
	f.text("", "UID (format: <uid>[:<gid>])", "user", "u")
	f.list("additional gids", "additional-gids", "g")
	f.text("", "path to the process.json", "process", "p")
	f.yes("detach from the container's process", "detach", "d")
	f.text("", "specify the file to write the process id to", "pid-file")
	f.text("", "set the asm process label for the process commonly used with selinux", "process-label")
	f.text("", "set the apparmor profile for the process", "apparmor")
	f.yes("set the no new privileges value for the process", "no-new-privs")
	f.list("add a capability to the bounding set for the process", "cap", "c")
	f.number("Pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total)", "preserve-fds")
	f.list("run the process in an (existing) sub-cgroup(s). Format is [<controller>:]<cgroup>.", "cgroup")
	f.yes("allow exec in a paused container", "ignore-paused")
}

func (p *program) exec(c *call) error {
	id := c.arg(0)
	status, err := p.execID(c, id)
	switch {
	case err != nil:
		p.log.Error(fmt.Sprintf("exec %s: %v", id, err))
		return execFailed
	case status != 0:
		return exitStatus(status)
	}
	return nil
}

func (p *program) execID(c *call, id string) (status int, err error) {
	ctr, err := p.rt.Load(id)
	if err != nil {
		return 0, err
	}
	defer ctr.Close()
	o := libcontainer.ExecOptions{
		Streams: streams(c), Cgroup: c.List("cgroup"), IgnorePaused: c.Bool("ignore-paused"),
		PidFile: c.String("pid-file"), PidfdSocket: c.String("pidfd-socket"),
	}
	if o.Process, err = execProcess(c, ctr); err != nil {
		return 0, err
	}
	if err := listenFDs(o.Process, &o.Streams); err != nil {
		return 0, err
	}
	if err := callersFDs(o.PreserveFDs); err != nil {
		return 0, err
	}
	detach := c.Bool("detach")
	if err := checkConsole(o.Process.Terminal, detach, o.ConsoleSocket); err != nil {
		return 0, err
	}
	if detach {
		x, err := ctr.Exec(o)
		if err != nil {
			return 0, err
		}
		x.Close()
		return 0, nil
	}
	return p.execForeground(ctr, o)
}

// execForeground executes the process and is its terminal, its signals and its status.
func (p *program) execForeground(ctr *libcontainer.Container, o libcontainer.ExecOptions) (int, error) {
	f, err := newForeground()
	if err != nil {
		return 0, err
	}
	defer f.close()
	if o.Process.Terminal {
		if err := f.openTerminal(&o.Streams, o.Process.ConsoleSize); err != nil {
			return 0, err
		}
	}
	x, err := ctr.Exec(o)
	if err != nil {
		return 0, err
	}
	defer x.Close()
	if err := f.wait(x); err != nil {
		return 0, err
	}
	ws, err := x.Wait()
	if err != nil {
		return 0, err
	}
	f.drain()
	return statusOf(ws), nil
}

var errNoArgs = errors.New("process args cannot be empty")
