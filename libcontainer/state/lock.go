package state

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Lock waits until nobody else holds the container, and holds it until Unlock, Close or the
// end of the process. Whoever takes or removes a container does. It returns
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

func (d *Dir) flock(how int) error { return flock(d.fd, how) }

func flock(fd, how int) error {
	for {
		if err := unix.Flock(fd, how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// LockMounts waits until nobody else changes the mounts of a container that runs. It is another
// lock than that of Lock: a mount may hang, and the container must be removable then.
func (d *Dir) LockMounts() (unlock func(), err error) {
	fd, err := unix.Openat(d.fd, configName, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		err = d.absent(err)
	}
	if errors.Is(err, ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", configName, d.id, err)
	}
	if err := flock(fd, unix.LOCK_EX); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("lock the mounts of %s: %w", d.id, err)
	}
	return func() { unix.Close(fd) }, nil
}

// Gone says whether the container was removed since it was opened.
func (d *Dir) Gone() bool { return !d.current() }

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
