package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/creel-project/creel/internal/memfile"
	"golang.org/x/sys/unix"
)

const (
	recordName = "state.json"
	recordMax  = 16 << 20 // bytes; hooks and annotations are the user's
)

var writes atomic.Uint64 // how many records this process has begun to write

// Dir is the directory of one container. It is not safe for concurrent use.
type Dir struct {
	id       string
	root, fd int
	locked   bool // see Lock
}

// openDir takes over the fd of the store's root.
func openDir(root int, id string) (*Dir, error) {
	fd, err := unix.Openat(root, id, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		unix.Close(root)
		if errors.Is(err, unix.ENOENT) {
			return nil, ErrNotExist
		}
		return nil, fmt.Errorf("state directory of %s: %w", id, err)
	}
	return &Dir{id: id, root: root, fd: fd}, nil
}

// ID returns the container's id.
func (d *Dir) ID() string { return d.id }

// FD returns the directory's fd, which stays the Dir's own.
func (d *Dir) FD() int { return d.fd }

// Close releases the fds.
func (d *Dir) Close() {
	if d.fd >= 0 {
		unix.Close(d.fd)
		unix.Close(d.root)
		d.fd, d.root = -1, -1
	}
}

// Owner returns the uid that the directory belongs to.
func (d *Dir) Owner() (uint32, error) {
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return 0, err
	}
	return st.Uid, nil
}

// Write replaces the record in one step. It is not synced: the directory lies
// on a tmpfs, and a machine that goes down takes the containers along.
func (d *Dir) Write(r *Record) error {
	f, err := d.Draft(r)
	if err != nil {
		return err
	}
	return f.Commit()
}

// Draft is a record that is written, and that nobody reads before Commit.
type Draft struct {
	d    *Dir
	name string
}

// Draft writes a record beside the one in force.
func (d *Dir) Draft(r *Record) (*Draft, error) {
	r.Version = Version
	data, err := r.encode()
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", d.id, err)
	}
	if len(data) > recordMax { // nobody could read it, and so nobody delete the container
		return nil, fmt.Errorf("record of %s: %d bytes, at most %d: %w", d.id, len(data), recordMax, unix.EFBIG)
	}
	// writers of one container, in one process or several, each have a file of their own
	tmp := recordName + "." + strconv.Itoa(os.Getpid()) + "." + strconv.FormatUint(writes.Add(1), 10)
	fd, err := unix.Openat(d.fd, tmp, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", d.id, err)
	}
	if err = errors.Join(memfile.WriteAll(fd, data), unix.Close(fd)); err != nil {
		unix.Unlinkat(d.fd, tmp, 0)
		return nil, fmt.Errorf("record of %s: write %d bytes: %w", d.id, len(data), err)
	}
	return &Draft{d, tmp}, nil
}

// Commit puts the record in force.
func (f *Draft) Commit() error {
	if err := unix.Renameat(f.d.fd, f.name, f.d.fd, recordName); err != nil {
		f.Discard()
		return fmt.Errorf("record of %s: %w", f.d.id, err)
	}
	return nil
}

// Discard removes the draft.
func (f *Draft) Discard() { _ = unix.Unlinkat(f.d.fd, f.name, 0) }

// Read returns the record.
func (d *Dir) Read() (*Record, error) {
	fd, err := d.openRecord()
	if errors.Is(err, unix.ENOENT) {
		if err := d.unrecorded(); err != nil {
			return nil, err
		}
		fd, err = d.openRecord()
	}
	if errors.Is(err, unix.ENOENT) {
		return nil, ErrNotExist // it came and went
	}
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", d.id, err)
	}
	defer unix.Close(fd)
	data, err := readAll(fd)
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", d.id, err)
	}
	r, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", d.id, err)
	}
	return r, nil
}

// openRecord opens the record; a fifo in its place must not block.
func (d *Dir) openRecord() (int, error) {
	return unix.Openat(d.fd, recordName, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
}

func readAll(fd int) ([]byte, error) {
	buf := make([]byte, 0, 4096)
	for {
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return buf, nil
		}
		buf = buf[:len(buf)+n]
		if len(buf) > recordMax {
			return nil, fmt.Errorf("more than %d bytes: %w", recordMax, unix.EFBIG)
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// removals is how often what others write meanwhile is removed once more.
const removals = 100

// Remove removes the directory with all that is in it, the record first. One that is gone already
// is no error. The caller holds the container.
func (d *Dir) Remove() error {
	for range removals {
		if err := d.empty(); err != nil {
			return err
		}
		err := unix.Unlinkat(d.root, d.id, unix.AT_REMOVEDIR)
		if errors.Is(err, unix.ENOTEMPTY) { // a command that runs hooks records them
			continue
		}
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("state directory of %s: remove: %w", d.id, err)
		}
		return nil
	}
	return fmt.Errorf("state directory of %s: remove: %w", d.id, unix.ENOTEMPTY)
}

// Removable says what would keep Remove from removing anything, as a read-only file system does.
func (d *Dir) Removable() error {
	if err := unix.Faccessat(d.fd, ".", unix.W_OK, unix.AT_EACCESS); err != nil {
		return fmt.Errorf("state directory of %s: %w", d.id, err)
	}
	return nil
}

func (d *Dir) empty() error {
	if err := unix.Unlinkat(d.fd, recordName, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("state directory of %s: remove %s: %w", d.id, recordName, err)
	}
	names, err := names(d.fd)
	if err != nil {
		return fmt.Errorf("state directory of %s: %w", d.id, err)
	}
	for _, n := range names {
		err := unix.Unlinkat(d.fd, n, 0)
		if errors.Is(err, unix.EISDIR) {
			err = d.removeDir(n)
		}
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("state directory of %s: remove %s: %w", d.id, n, err)
		}
	}
	return nil
}

// names lists what is in a directory. It reads by itself what os.File would
// read, which starts a poller and takes a buffer of 8 KiB.
func names(dir int) (names []string, err error) {
	fd, err := unix.Openat(dir, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var buf [1024]byte
	for {
		n, err := unix.Getdents(fd, buf[:])
		if n <= 0 || err != nil {
			if errors.Is(err, unix.ENOENT) { // removed meanwhile
				err = nil
			}
			return names, err
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}
