package cgfs

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// ErrTimeout is wrapped when an awaited event did not come.
var ErrTimeout = errors.New("timed out")

// WaitEvent waits until cgroup.events (v2) says value behind key, for example "populated" "0". A cgroup that is gone is
// neither populated nor frozen: it counts as "0". The file wakes its pollers with POLLPRI, so nothing is polled by time.
func (d *Dir) WaitEvent(key, value string, patience time.Duration) error {
	fd, err := d.openFile("cgroup.events", unix.O_RDONLY)
	if Gone(err) && value == "0" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", d.join("cgroup.events"), err)
	}
	defer unix.Close(fd)
	deadline := time.Now().Add(patience)
	for {
		now, err := eventNow(fd, key)
		if now == value || Gone(err) && value == "0" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", d.join("cgroup.events"), err)
		}
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("%s says %s %s, waited %s for %s: %w", d.join("cgroup.events"), key, now, patience, value, ErrTimeout)
		}
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}
		if _, err := unix.Poll(poll, int(left.Milliseconds())+1); err != nil && err != unix.EINTR {
			return fmt.Errorf("poll %s: %w", d.join("cgroup.events"), err)
		}
	}
}

func eventNow(fd int, key string) (string, error) {
	var buf [256]byte
	for {
		n, err := unix.Pread(fd, buf[:], 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return "", err
		}
		return Field(string(buf[:n]), key), nil
	}
}
