package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// place is a bundle in the making. It stands beside its place under another name until it is whole, and is locked
// there, so that what a process that was killed has left is known and removed.
type place struct {
	final, temp string
	lock        *os.File
}

// newPlace begins the bundle dir, which may not be there unless it is empty.
func newPlace(dir string) (*place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	p := &place{final: dir, temp: filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".creel-new")}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("bundle %s: %w", dir, unix.ENOTEMPTY)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	for range 2 {
		err = os.Mkdir(p.temp, 0o700)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		if err = p.removeStale(); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if p.lock, err = lockDir(p.temp); err != nil {
		return nil, err
	}
	return p, nil
}

// removeStale removes what is left of a process that is no more.
func (p *place) removeStale() error {
	lock, err := lockDir(p.temp)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	return removeTree(p.temp)
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
func (p *place) commit() error {
	// os.Rename would not replace it.
	if err := unix.Rename(p.temp, p.final); err != nil {
		return fmt.Errorf("bundle: %w", &os.LinkError{Op: "rename", Old: p.temp, New: p.final, Err: err})
	}
	p.temp = ""
	return nil
}

// close removes what was not committed.
func (p *place) close() error {
	defer p.lock.Close()
	if p.temp == "" {
		return nil
	}
	return removeTree(p.temp)
}

// removeTree removes a tree, whatever the modes of its directories are.
func removeTree(dir string) error {
	if err := os.RemoveAll(dir); !errors.Is(err, os.ErrPermission) {
		return err
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return os.Chmod(path, 0o700)
	})
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}
