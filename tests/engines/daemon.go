package engines

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/creel-project/creel/tests/leakcheck"
)

// A Daemon is a process of an engine that runs in the background.
type Daemon struct {
	Name string
	// Log is the file with what it says.
	Log string
	// More are patterns (path/filepath.Glob) of further logs that explain a failure, as those of runtimes.
	More []string
	cmd  *exec.Cmd
	done chan struct{}
}

// daemons are those that run, ended those that did when the last test began.
var daemons, ended []*Daemon

// patience is how long a daemon may take to be ready, or to end.
var patience = leakcheck.Patience("CREEL_TEST_PATIENCE", 30*time.Second)

// StartDaemon starts a daemon and waits until ready returns nil. prepare, unless nil, may change the command first.
// Its log goes on in the same file when it is started again.
func StartDaemon(name string, ready func() error, prepare func(*exec.Cmd), program string, args ...string) (*Daemon, error) {
	d := &Daemon{Name: name, Log: Path(name + ".log"), cmd: exec.Command(program, args...), done: make(chan struct{})}
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if prepare != nil {
		prepare(d.cmd)
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = d.cmd.Wait()
		close(d.done)
	}()
	daemons = append(daemons, d)
	if err := d.await(ready); err != nil {
		log := d.tail(0)
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s", name, err, log), d.Stop())
	}
	return d, nil
}

// await waits until the daemon is ready.
func (d *Daemon) await(ready func() error) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-d.done:
			return fmt.Errorf("it ended: %s", d.cmd.ProcessState)
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready after %s: %w", patience, err)
		}
	}
}

// Pid returns the daemon's pid.
func (d *Daemon) Pid() int { return d.cmd.Process.Pid }

// Signal sends the daemon a signal.
func (d *Daemon) Signal(sig syscall.Signal) error { return d.cmd.Process.Signal(sig) }

// Kill ends the daemon at once, as a crash does.
func (d *Daemon) Kill() error { return d.end(syscall.SIGKILL) }

// Stop ends the daemon and waits for it; one that does not heed SIGTERM is an error, and killed.
func (d *Daemon) Stop() error {
	err := d.end(syscall.SIGTERM)
	if err != nil {
		err = errors.Join(err, d.end(syscall.SIGKILL))
	}
	return err
}

func (d *Daemon) end(sig syscall.Signal) error {
	if err := d.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-d.done:
	case <-time.After(patience):
		return fmt.Errorf("%s does not end %s after %s", d.Name, patience, sig)
	}
	for i, other := range daemons {
		if other == d {
			daemons, ended = append(daemons[:i:i], daemons[i+1:]...), append(ended, d)
		}
	}
	return nil
}

// stopAll ends all daemons, the last one first.
func stopAll() (err error) {
	for len(daemons) > 0 {
		last := daemons[len(daemons)-1]
		if e := last.Stop(); e != nil {
			err = errors.Join(err, e)
			daemons = daemons[:len(daemons)-1]
		}
	}
	return err
}

// most is how much of a log is shown.
const most = 8 << 10

// tail returns the end of the daemon's log after an offset, and all of the further logs.
func (d *Daemon) tail(from int64) string {
	text := section(d.Log, from)
	for _, pattern := range d.More {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			text += section(file, 0)
		}
	}
	return text
}

func section(file string, from int64) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Sprintf("--- %v\n", err)
	}
	text = text[min(from, int64(len(text))):]
	if len(text) > most {
		text = append([]byte("…"), text[len(text)-most:]...)
	}
	return fmt.Sprintf("--- %s\n%s\n", file, text)
}
