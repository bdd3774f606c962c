package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/containerd/console"
	"github.com/creel-project/creel/libcontainer"
	"golang.org/x/sys/unix"
)

// foreground passes the signals and the terminal of this process on to a
// container's.
type foreground struct {
	signals chan os.Signal
	tty     console.Console // our own terminal, in raw mode while the container runs
	master  *os.File        // of the container's terminal
	output  chan struct{}   // closed when all of the container's output is written
}

// newForeground begins to collect signals: from here on none ends this process
// and leaves a container behind.
func newForeground() *foreground {
	f := &foreground{signals: make(chan os.Signal, 128)}
	signal.Notify(f.signals)
	return f
}

func (f *foreground) close() {
	signal.Stop(f.signals)
	if f.tty != nil {
		_ = f.tty.Reset()
	}
	if f.master != nil {
		f.master.Close()
	}
}

// openTerminal makes our terminal the other end of the container's.
func (f *foreground) openTerminal(o *libcontainer.CreateOptions) error {
	tty, err := console.ConsoleFromFile(os.Stdin)
	if err != nil {
		return fmt.Errorf("process.terminal: stdin is no terminal: %w", err)
	}
	if size, err := tty.Size(); err == nil && o.Spec.Process.ConsoleSize == nil {
		o.ConsoleSize = &unix.Winsize{Row: size.Height, Col: size.Width}
	}
	o.Console = func(master *os.File) {
		f.master = master
		if err := tty.SetRaw(); err == nil {
			f.tty = tty
		}
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

// forward sends every signal on to pid from now on, those that came before
// included. What concerns only this process stays here.
func (f *foreground) forward(pid int) {
	go func() {
		for s := range f.signals {
			switch s {
			case unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE:
			case unix.SIGWINCH:
				f.resize()
			default:
				// the child is not reaped before this process ends, so the
				// pid is its
				_ = unix.Kill(pid, s.(unix.Signal))
			}
		}
	}()
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
