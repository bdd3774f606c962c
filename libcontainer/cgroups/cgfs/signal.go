package cgfs

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Signal sends sig to every process of d and of the cgroups below it, and looks again until it finds no new one. Only if
// they are frozen meanwhile can none of them fork out of the way; else it gives up after a number of rounds.
func (d *Dir) Signal(sig unix.Signal) error {
	var (
		done     = map[int]bool{unix.Getpid(): true} // a cgroup of the caller's own is its own mistake
		failures error
	)
	for range 100 {
		pids, err := d.Pids()
		if err != nil {
			return err
		}
		fresh := false
		for _, pid := range pids {
			if done[pid] {
				continue
			}
			done[pid], fresh = true, true
			if err := unix.Kill(pid, sig); err != nil && err != unix.ESRCH {
				failures = errors.Join(failures, fmt.Errorf("send signal %d to process %d of %s: %w", sig, pid, d.path, err))
			}
		}
		if !fresh {
			break
		}
	}
	return failures
}
