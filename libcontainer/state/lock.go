package state

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Lock waits until nobody else holds the container, and holds it until Unlock, Close or the
// end of the process. Whoever takes or removes a container, or changes its mounts, does. It returns
// ErrNotExist if the container was removed meanwhile, whatever has its id by now.
func (d *Dir) Lock() error {
	if err := d.flock(unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock container %s: %w", d.id, err)
	}
	if !d.current() {
		d.Unlock()
		return ErrNotExist
	}
	d.locked = true
	return nil
}

// Unlock lets others hold the container.
func (d *Dir) Unlock() {
	_ = d.flock(unix.LOCK_UN)
	d.locked = false
}

func (d *Dir) flock(how int) error {
	for {
		if err := unix.Flock(d.fd, how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// held says whether somebody else is taking or removing the container.
func (d *Dir) held() bool {
	if d.locked {
		return false
	}
	err := d.flock(unix.LOCK_SH | unix.LOCK_NB)
	if err == nil {
		d.Unlock()
	}
	return errors.Is(err, unix.EWOULDBLOCK)
}

// current says whether the directory is still the one that has the id.
func (d *Dir) current() bool {
	var own, named unix.Stat_t
	return unix.Fstat(d.fd, &own) == nil && unix.Fstatat(d.root, d.id, &named, unix.AT_SYMLINK_NOFOLLOW) == nil &&
		own.Dev == named.Dev && own.Ino == named.Ino
}

// Between making a directory and holding it there are two system calls.
const (
	looks = 20
	pause = time.Millisecond
)

// unrecorded explains that there was no record: a container that is just being taken or removed
// is not there for others. It returns nil if there is one by now.
func (d *Dir) unrecorded() error {
	for range looks {
		if d.held() || !d.current() {
			return ErrNotExist
		}
		if unix.Faccessat(d.fd, recordName, unix.F_OK, 0) == nil {
			return nil
		}
		if d.locked {
			break
		}
		time.Sleep(pause)
	}
	return fmt.Errorf("record of %s: %w", d.id, ErrNoRecord)
}

// absent says why a file that was kept is not there: the record goes first when a container is removed.
func (d *Dir) absent(err error) error {
	if errors.Is(unix.Faccessat(d.fd, recordName, unix.F_OK, 0), unix.ENOENT) {
		return ErrNotExist
	}
	return err
}
