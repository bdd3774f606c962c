package unpacked

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"golang.org/x/sys/unix"
)

// draft is a bundle in the making. It stands beside its place under another name until it is whole, and is locked
// there, so that what a process that was killed has left is known and removed.
type draft struct {
	final, temp string
	lock        *os.File
}

// newDraft begins the bundle dir, which may not be there unless it is empty.
func newDraft(dir string) (*draft, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	d := &draft{final: dir, temp: filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".creel-new")}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("bundle %s: %w", dir, unix.ENOTEMPTY)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	for range 2 {
		err = os.Mkdir(d.temp, 0o700)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		if err = d.removeStale(); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if d.lock, err = lockDir(d.temp); err != nil {
		return nil, err
	}
	return d, nil
}

// removeStale removes what is left of a process that is no more.
func (d *draft) removeStale() error {
	lock, err := lockDir(d.temp)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	return rootfs.Remove(d.temp)
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: another process unpacks there: %w", dir, err)
	}
	return f, nil
}

// commit gives the bundle its name. An empty directory of that name is replaced (rename(2)).
func (d *draft) commit() error {
	// os.Rename would not replace it.
	if err := unix.Rename(d.temp, d.final); err != nil {
		return fmt.Errorf("bundle: %w", &os.LinkError{Op: "rename", Old: d.temp, New: d.final, Err: err})
	}
	d.temp = ""
	return nil
}

// close removes what was not committed.
func (d *draft) close() error {
	defer d.lock.Close()
	if d.temp == "" {
		return nil
	}
	return rootfs.Remove(d.temp)
}
