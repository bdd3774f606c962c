package cgfs

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Join moves a process into the cgroup. A pid of 0 is the caller.
func (d *Dir) Join(pid int) error {
	var err error
	for range 5 {
		err = d.Write("cgroup.procs", strconv.Itoa(pid))
		// The scheduler refuses a task that has not run yet (TASK_NEW) with EINVAL.
		if !errors.Is(err, unix.EINVAL) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("%s is a threaded or invalid domain, which takes no processes: %w", d.path, err)
	}
	return err
}
