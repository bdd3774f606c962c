// Package proc knows processes, and the network namespaces that they are in, by more than a pid, which the kernel
// gives again.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A Process is one process for all time.
type Process struct {
	Pid int `json:"pid"`
	// Start is when it started, field 22 of /proc/PID/stat (proc_pid_stat(5)), in ticks since boot.
	Start uint64 `json:"start"`
}

// Find returns the process with this pid, which must not have ended.
func Find(pid int) (Process, error) {
	if pid <= 0 {
		return Process{}, fmt.Errorf("pid %d: %w", pid, unix.ESRCH)
	}
	start, state, err := stat(pid)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && ended(state):
		return Process{}, fmt.Errorf("pid %d: %w", pid, unix.ESRCH)
	case err != nil:
		return Process{}, err
	}
	return Process{pid, start}, nil
}

// Lives says that the process has not ended. One of which only its exit status is left has.
func (p Process) Lives() bool {
	start, state, err := stat(p.Pid)
	return err == nil && start == p.Start && !ended(state)
}

func ended(state byte) bool { return state == 'Z' || state == 'X' }

// stat reads when a process started and its state. The name may hold anything, so the fields are counted from its
// closing parenthesis.
func stat(pid int) (start uint64, state byte, err error) {
	name := "/proc/" + strconv.Itoa(pid) + "/stat"
	text, err := os.ReadFile(name)
	if errors.Is(err, unix.ESRCH) {
		return 0, 0, os.ErrNotExist // it ended between open and read
	}
	if err != nil {
		return 0, 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, fmt.Errorf("%s: cannot read %q", name, text)
	}
	start, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return start, fields[0][0], err
}

// Netns opens the process's network namespace, which is an error if it is the caller's own.
func (p Process) Netns() (*os.File, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(p.Pid) + "/ns/net")
	if err != nil {
		return nil, err
	}
	if !p.Lives() { // else it may be another's
		f.Close()
		return nil, fmt.Errorf("pid %d: %w", p.Pid, unix.ESRCH)
	}
	theirs, err := f.Stat()
	if err == nil {
		var ours os.FileInfo
		if ours, err = os.Stat("/proc/thread-self/ns/net"); err == nil && os.SameFile(ours, theirs) {
			err = errors.New("the container has no network namespace of its own")
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
