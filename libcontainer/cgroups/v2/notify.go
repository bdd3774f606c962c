package v2

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

const memoryEvents = "memory.events"

// notice watches memory.events by inotify(7), and compares its counter with what it was.
type notice struct {
	fd    int
	dir   *cgfs.Dir
	known uint64
}

// NotifyOOM implements driver.Group. Processes of sub-cgroups count (memory.events is hierarchical).
func (g *Group) NotifyOOM() (driver.Notice, error) {
	dir, err := g.opened()
	if err != nil {
		return nil, err
	}
	if !dir.Has(memoryEvents) {
		return nil, fmt.Errorf("%s: %w", dir.Path(), driver.ErrNoController)
	}
	n := &notice{fd: -1}
	if n.dir, err = dir.Child("."); err != nil {
		return nil, err
	}
	if n.fd, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err == nil {
		err = watchFile(n.fd, n.dir, memoryEvents)
	}
	if err == nil {
		n.known, err = n.killed()
	}
	if err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// watchFile lets an inotify fd tell of changes of a cgroup's file.
func watchFile(fd int, dir *cgfs.Dir, name string) error {
	path := "/proc/self/fd/" + strconv.Itoa(dir.FD()) + "/" + name
	if _, err := unix.InotifyAddWatch(fd, path, unix.IN_MODIFY); err != nil {
		return fmt.Errorf("watch %s/%s: %w", dir.Path(), name, err)
	}
	return nil
}

// NotifyPressure implements driver.Group: the levels are cgroup v1's.
func (g *Group) NotifyPressure(level string) (driver.Notice, error) {
	return nil, fmt.Errorf("memory pressure %q: cgroup v2 has no such levels: %w", level, driver.ErrNoController)
}

func (n *notice) killed() (uint64, error) {
	text, err := n.dir.Field(memoryEvents, "oom_kill")
	return cgfs.Number(text), err
}

func (n *notice) FD() int { return n.fd }

// Take implements driver.Notice. The file changes for other reasons, too.
func (n *notice) Take() (int, error) {
	var buf [4096]byte
	for {
		_, err := unix.Read(n.fd, buf[:])
		if errors.Is(err, unix.EAGAIN) {
			break
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, fmt.Errorf("read inotify of %s/%s: %w", n.dir.Path(), memoryEvents, err)
		}
	}
	now, err := n.killed()
	if cgfs.Gone(err) {
		return 0, nil
	}
	if err != nil || now <= n.known {
		return 0, err
	}
	count := int(now - n.known)
	n.known = now
	return count, nil
}

func (n *notice) Close() {
	if n.fd >= 0 {
		unix.Close(n.fd)
		n.fd = -1
	}
	n.dir.Close()
}
