package seccomp

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/creel-project/creel/internal/memfile"
	"golang.org/x/sys/unix"
)

// maxEntries bounds the cache, which usually lies in memory (/run): an engine
// that makes a profile for each container must not fill it.
const maxEntries = 64

// store writes the entry so that a reader sees all of it or nothing. A creel
// that is killed meanwhile leaves at most a file that prune removes.
func (e *entry) store(prog []byte) error {
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return err
	}
	dir, err := unix.Open(e.dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return fmt.Errorf("stat: %w", err)
	}
	if int(st.Uid) != unix.Geteuid() || st.Mode&0o022 != 0 {
		return fmt.Errorf("others may write to it (owner %d, mode %#o): not used", st.Uid, st.Mode&0o7777)
	}
	e.prune(dir)
	return replace(dir, e.name, formEntry(e.key, prog))
}

// made counts the files that this process wrote, for names of their own.
var made atomic.Uint32

// create makes a file that no other process or goroutine writes to.
func create(dir int, name string) (fd int, tmp string, err error) {
	for range 100 {
		tmp = name + "." + strconv.Itoa(os.Getpid()) + "." + strconv.Itoa(int(made.Add(1)))
		fd, err = unix.Openat(dir, tmp, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		if !errors.Is(err, unix.EEXIST) {
			break
		}
	}
	if err != nil {
		return -1, "", fmt.Errorf("create %s: %w", tmp, err)
	}
	return fd, tmp, nil
}

// replace puts a file in the place of name, whatever is there.
func replace(dir int, name string, data []byte) error {
	fd, tmp, err := create(dir, name)
	if err != nil {
		return err
	}
	err = unix.Fchmod(fd, 0o600) // whatever the umask
	if err == nil {
		err = memfile.WriteAll(fd, data)
	}
	unix.Close(fd)
	if err == nil {
		err = unix.Renameat(dir, tmp, dir, name)
	}
	if err != nil {
		unix.Unlinkat(dir, tmp, 0)
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// prune removes the oldest files when the cache is full. What cannot be
// removed is left: the next call tries again.
func (e *entry) prune(dir int) {
	list, err := os.ReadDir(e.dir)
	if err != nil || len(list) < maxEntries {
		return
	}
	type file struct {
		name string
		when int64
	}
	files := make([]file, 0, len(list))
	for _, d := range list {
		var st unix.Stat_t
		if unix.Fstatat(dir, d.Name(), &st, unix.AT_SYMLINK_NOFOLLOW) == nil {
			files = append(files, file{d.Name(), st.Mtim.Nano()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.when, b.when) })
	for _, f := range files[:max(0, len(files)-maxEntries/2)] {
		unix.Unlinkat(dir, f.name, 0)
	}
}
