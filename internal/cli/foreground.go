package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/containerd/console"
	"github.com/creel-project/creel/internal/signals"
	"github.com/creel-project/creel/libcontainer"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// foreground passes the signals and the terminal of this process on to a
// container's.
type foreground struct {
	signals int  // readable when a signal came
	reaps   bool // orphans of the container are children of ours
	ctr     *libcontainer.Container
	tty     console.Console // our own terminal
	raw     bool            // it is in raw mode, while the container runs
	opened  *os.File        // it, if it is none of our streams
	master  *os.File        // of the container's terminal
	output  chan struct{}   // closed when all of the container's output is written
}

// newForeground begins to collect signals: from here on none ends this process
// and leaves a container behind.
func newForeground() (*foreground, error) {
	fd, err := signals.Collect()
	if err != nil {
		return nil, err
	}
	return &foreground{signals: fd}, nil
}

func (f *foreground) close() {
	if f.raw {
		_ = f.tty.Reset()
	}
	if f.opened != nil {
		f.opened.Close()
	}
	if f.master != nil {
		f.master.Close()
	}
}

// adopt makes this process the parent of the container's orphans.
func (f *foreground) adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become a subreaper: %w", err)
	}
	f.reaps = true
	return nil
}

// ownTerminal finds our terminal: a stream of ours, or the controlling terminal
// where all of them lead elsewhere. typed says whether stdin is it.
func (f *foreground) ownTerminal() (tty console.Console, typed bool, err error) {
	for _, stream := range [...]*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if tty, err := console.ConsoleFromFile(stream); err == nil {
			return tty, stream == os.Stdin, nil
		}
	}
	if f.opened, err = os.OpenFile("/dev/tty", os.O_RDWR, 0); err != nil {
		return nil, false, err
	}
	tty, err = console.ConsoleFromFile(f.opened)
	return tty, false, err
}

// openTerminal makes our terminal the other end of the container's. What is typed
// comes from stdin and what the container says goes to stdout, wherever they lead. Only
// a terminal that is stdin is put into raw mode: of another nobody reads, and
// control-C has to become a signal there.
func (f *foreground) openTerminal(o *libcontainer.Streams, fixed *specs.Box) error {
	tty, typed, err := f.ownTerminal()
	if err != nil {
		return fmt.Errorf("process.terminal: none of stdin, stdout and stderr is a terminal: %w", err)
	}
	f.tty = tty
	if size, err := tty.Size(); err == nil && fixed == nil {
		o.ConsoleSize = &unix.Winsize{Row: size.Height, Col: size.Width}
	}
	o.Console = func(master *os.File) {
		f.master = master
		// our own terminal still turns \n into \r\n: raw mode leaves its output alone
		_ = console.ClearONLCR(master.Fd())
		f.raw = typed && tty.SetRaw() == nil
		f.output = make(chan struct{})
		go func() {
			_, _ = io.Copy(os.Stdout, master) // ends with EIO, when the last slave is closed
			close(f.output)
		}()
		go func() { _, _ = io.Copy(master, os.Stdin) }()
	}
	return nil
}

// drain waits until everything that the container wrote is on our terminal.
func (f *foreground) drain() {
	if f.output != nil {
		<-f.output
	}
}

// process is what runs in the foreground: a container's init, or an exec.
type process interface {
	Pid() int
	PidFD() int
}

// reapedAtOnce is how many orphans are reaped before signals are looked at again.
const reapedAtOnce = 64

// wait passes every signal on to the container, those that came before it
// existed included, until its init has ended. Orphans are reaped from here on:
// until here, others wait for children of their own, hooks for instance.
func (f *foreground) wait(ctr process) error {
	p := []unix.PollFd{
		{Fd: int32(ctr.PidFD()), Events: unix.POLLIN},
		{Fd: int32(f.signals), Events: unix.POLLIN},
	}
	timeout := -1
	if f.reaps {
		if err := signals.Children(); err != nil {
			return err
		}
		timeout = 0 // there may be some already
	}
	for {
		_, err := unix.Poll(p, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %d: %w", ctr.Pid(), err)
		}
		for s, ok := signals.Next(f.signals); ok; s, ok = signals.Next(f.signals) {
			f.pass(ctr, s)
		}
		if err == nil && p[0].Revents != 0 {
			return nil
		}
		timeout = -1
		if f.reaps && f.ctr.Reap(reapedAtOnce) {
			timeout = 0
		}
	}
}

// pass sends one signal on; a change of the terminal's size is passed as such.
func (f *foreground) pass(ctr process, s unix.Signal) {
	if s == unix.SIGCHLD {
		return // one of ours
	}
	if s == unix.SIGWINCH && f.tty != nil {
		f.resize()
		return
	}
	_ = unix.PidfdSendSignal(ctr.PidFD(), s, nil, 0)
}

func (f *foreground) resize() {
	if f.master == nil || f.tty == nil {
		return
	}
	size, err := f.tty.Size()
	if err != nil {
		return
	}
	_ = unix.IoctlSetWinsize(int(f.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: size.Height, Col: size.Width})
}
