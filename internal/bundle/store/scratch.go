package store

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"golang.org/x/sys/unix"
)

// Scratch is a directory for a bundle that lives as long as its process. It is locked: what a process that was killed
// leaves is garbage.
type Scratch struct {
	Dir  string
	lock *os.File
}

// Scratch makes such a directory.
func (s *Store) Scratch() (*Scratch, error) {
	dir := filepath.Join(s.dir, "run", strings.ToLower(rand.Text()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err == nil {
		if err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			lock.Close()
		}
	}
	if err != nil {
		os.Remove(dir)
		return nil, err
	}
	return &Scratch{Dir: dir, lock: lock}, nil
}

// Close removes the directory with all that is in it. A bundle there is unmounted before.
func (s *Scratch) Close() error {
	defer s.lock.Close()
	return removeScratch(s.Dir)
}

func removeScratch(dir string) error {
	mounts, _ := filepath.Glob(filepath.Join(dir, "*", "rootfs"))
	for _, m := range mounts {
		unix.Unmount(m, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW) // most are no mounts
	}
	return rootfs.Remove(dir)
}

// sweepScratch removes directories whose process is gone.
func (c *collector) sweepScratch() error {
	entries, err := os.ReadDir(filepath.Join(c.dir, "run"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		dir := filepath.Join(c.dir, "run", e.Name())
		lock, err := os.Open(dir)
		if err != nil {
			return err
		}
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			c.garbage.Scratch++
			if !c.dry {
				err = removeScratch(dir)
			}
		}
		lock.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
