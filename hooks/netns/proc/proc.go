// Package proc knows processes, and the network namespaces that they are in, by more than a pid, which the kernel
// gives again.
package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/creel-project/creel/internal/procstat"
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
	stat, err := procstat.Read(pid)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, unix.ESRCH), err == nil && stat.Ended():
		return Process{}, fmt.Errorf("pid %d: %w", pid, unix.ESRCH)
	case err != nil:
		return Process{}, fmt.Errorf("pid %d: %w", pid, err)
	}
	start, err := stat.Start()
	return Process{pid, start}, err
}

// Lives says that the process has not ended. One of which only its exit status is left has.
func (p Process) Lives() bool {
	stat, err := procstat.Read(p.Pid)
	return err == nil && stat.Lives(p.Start)
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
