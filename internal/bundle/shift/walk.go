package shift

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// A place is a file while it is visited: its name in the thread's working directory, which no link leads to.
type place struct {
	dir, name string // dir is relative to the root of the walk, "" for the root itself
	st        *unix.Statx_t
	buf       []byte // for what the visit wants
}

func (p *place) path() string { return path.Join(p.dir, p.name) }

// A walk visits each name in a directory once, by several threads. It follows no link, and enters no other mount.
type walk struct {
	ctx   context.Context
	visit func(*place) error
	dev   [2]uint32

	mu      sync.Mutex
	changed *sync.Cond
	queue   []folder
	busy    int
	skipped []string // mount points
	err     error
}

// A folder is an open directory that waits for its visit.
type folder struct {
	fd   int
	path string
}

// maxQueue is how many wait open. Beyond that a thread goes deeper by itself.
const maxQueue = 256

// tree visits root and all that is in it, and returns the mount points that it left out.
func tree(ctx context.Context, root int, visit func(*place) error) (skipped []string, err error) {
	var st unix.Statx_t
	if err := unix.Statx(root, "", unix.AT_EMPTY_PATH, unix.STATX_BASIC_STATS, &st); err != nil {
		return nil, err
	}
	fd, err := unix.Openat(root, ".", folderFlags, 0)
	if err != nil {
		return nil, err
	}
	w := &walk{ctx: ctx, visit: visit, dev: [2]uint32{st.Dev_major, st.Dev_minor}, queue: []folder{{fd, ""}}}
	w.changed = sync.NewCond(&w.mu)
	var threads sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		threads.Go(func() {
			runtime.LockOSThread() // and never unlock: the thread ends, with its own working directory
			if err := unix.Unshare(unix.CLONE_FS); err != nil {
				w.fail(fmt.Errorf("unshare a thread's working directory: %w", err))
			}
			w.work()
		})
	}
	threads.Wait()
	for _, f := range w.queue {
		unix.Close(f.fd)
	}
	return w.skipped, w.err
}

const folderFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

func (w *walk) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	w.changed.Broadcast()
}

// work takes folders until there are none and none can come.
func (w *walk) work() {
	t := &thread{walk: w, buf: make([]byte, 64<<10), list: make([]byte, 4<<10)}
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.queue) == 0 && w.busy > 0 && w.err == nil {
			w.changed.Wait()
		}
		if len(w.queue) == 0 || w.err != nil {
			w.changed.Broadcast()
			return
		}
		f := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.busy++
		w.mu.Unlock()
		err := t.folder(f)
		w.mu.Lock()
		w.busy--
		if err != nil && w.err == nil {
			w.err = err
		}
		if w.busy == 0 || w.err != nil {
			w.changed.Broadcast()
		}
	}
}

// push leaves a folder to another thread, if not too many wait.
func (w *walk) push(f folder) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) >= maxQueue {
		return false
	}
	w.queue = append(w.queue, f)
	w.changed.Signal()
	return true
}

func (w *walk) skip(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skipped = append(w.skipped, name)
}

// A thread has a working directory of its own.
type thread struct {
	*walk
	buf  []byte
	list []byte
}

// folder visits what is in an open directory, and closes it. The root is visited as . of itself.
func (t *thread) folder(f folder) error {
	defer unix.Close(f.fd)
	if err := unix.Fchdir(f.fd); err != nil {
		return err
	}
	names, err := t.names(f.fd)
	if err != nil {
		return fmt.Errorf("%s: %w", path.Join(".", f.path), err)
	}
	if f.path == "" {
		names = append(names, ".")
	}
	var st unix.Statx_t
	for _, name := range names {
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		if err := t.file(f, name, &st); err != nil {
			return fmt.Errorf("%s: %w", path.Join(f.path, name), err)
		}
	}
	return nil
}

func (t *thread) file(f folder, name string, st *unix.Statx_t) error {
	err := unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS, st)
	if err != nil {
		return err
	}
	if name != "." && (st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0 || st.Dev_major != t.dev[0] || st.Dev_minor != t.dev[1]) {
		t.skip(path.Join(f.path, name))
		return nil
	}
	if err := t.visit(&place{dir: f.path, name: name, st: st, buf: t.list}); err != nil {
		return err
	}
	if name == "." || st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	fd, err := unix.Openat(unix.AT_FDCWD, name, folderFlags, 0)
	if err != nil {
		return err
	}
	var now unix.Stat_t
	if err := unix.Fstat(fd, &now); err != nil || now.Ino != st.Ino {
		unix.Close(fd)
		return errors.Join(err, errors.New("it was replaced meanwhile"))
	}
	sub := folder{fd, path.Join(f.path, name)}
	if t.push(sub) {
		return nil
	}
	if err := t.folder(sub); err != nil {
		return err
	}
	return unix.Fchdir(f.fd)
}

// names lists an open directory, without . and ...
func (t *thread) names(fd int) (names []string, err error) {
	for {
		n, err := unix.ReadDirent(fd, t.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return names, err
		}
		_, _, names = unix.ParseDirent(t.buf[:n], -1, names)
	}
}
