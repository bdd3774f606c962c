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
	dir  string // relative to the root of the walk, "" for the root itself
	name name
	st   unix.Stat_t
}

func (p *place) path() string { return path.Join(p.dir, text(p.name)) }

// A walk visits each name in a directory once, by several threads. It follows no link, and enters no other mount.
type walk struct {
	ctx   context.Context
	visit func(*place) error
	dev   uint64

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
	var st unix.Stat_t
	if err := unix.Fstat(root, &st); err != nil {
		return nil, err
	}
	fd, err := unix.Openat(root, ".", folderFlags, 0)
	if err != nil {
		return nil, err
	}
	w := &walk{ctx: ctx, visit: visit, dev: st.Dev, queue: []folder{{fd, ""}}}
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
	t := &thread{walk: w, buf: make([]byte, 64<<10)}
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
	file place
}

// folder visits what is in an open directory, and closes it. The root is visited as . of itself.
func (t *thread) folder(f folder) error {
	defer unix.Close(f.fd)
	if err := unix.Fchdir(f.fd); err != nil {
		return err
	}
	t.file.dir = f.path
	if f.path == "" {
		if err := t.see(&entry{name: dot, ino: 0}, true); err != nil {
			return err
		}
	}
	var subs []sub
	for {
		n, err := unix.ReadDirent(f.fd, t.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Join(".", f.path), err)
		}
		if n == 0 {
			break
		}
		if t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
		if subs, err = t.entries(t.buf[:n], subs); err != nil {
			return err
		}
	}
	return t.deeper(f, subs)
}

// A sub is a directory in one that is visited.
type sub struct {
	name string
	ino  uint64
}

// entries visits what one call listed, and adds the directories to subs.
func (t *thread) entries(buf []byte, subs []sub) ([]sub, error) {
	for {
		e, rest, ok := next(buf)
		if !ok {
			return subs, nil
		}
		buf = rest
		if err := t.see(&e, false); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(t.file.dir, text(e.name)), err)
		}
		if t.file.name != nil && t.file.st.Mode&unix.S_IFMT == unix.S_IFDIR {
			subs = append(subs, sub{text(e.name), t.file.st.Ino})
		}
	}
}

// see visits one file, unless something is mounted there. That is asked where the number of the inode is not that of the
// directory's entry or the device is another one, as it can also be in an overlay and in subvolumes.
func (t *thread) see(e *entry, root bool) error {
	p := &t.file
	p.name = e.name
	if err := lstat(p.name, &p.st); err != nil {
		return err
	}
	if !root && (p.st.Dev != t.dev || p.st.Ino != e.ino) {
		mounted, err := isMount(text(p.name))
		if err != nil {
			return err
		}
		if mounted {
			t.skip(p.path())
			p.name = nil
			return nil
		}
	}
	return t.visit(p)
}

// isMount says whether something is mounted on a name in the working directory.
func isMount(name string) (bool, error) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, 0, &st)
	return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, err
}

// deeper goes on with the directories in a visited one.
func (t *thread) deeper(f folder, subs []sub) error {
	for _, s := range subs {
		name := path.Join(f.path, s.name)
		fd, err := open(s, f.fd)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		next := folder{fd, name}
		if t.push(next) {
			continue
		}
		if err := t.folder(next); err != nil {
			return err
		}
	}
	return nil
}

// open opens the directory that was visited, and nothing that is mounted on it.
func open(s sub, parent int) (int, error) {
	how := unix.OpenHow{Flags: folderFlags, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV}
	fd, err := unix.Openat2(parent, s.name, &how)
	if err != nil {
		return -1, err
	}
	var now unix.Stat_t
	if err := unix.Fstat(fd, &now); err != nil || now.Ino != s.ino {
		unix.Close(fd)
		return -1, errors.Join(err, errors.New("it was replaced meanwhile"))
	}
	return fd, nil
}
