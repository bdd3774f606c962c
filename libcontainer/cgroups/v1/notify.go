package v1

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// notice is an eventfd(2) that the kernel adds to for each event of a file (Documentation/admin-guide/cgroup-v1/memory.rst,
// "OOM Control" and "Memory Pressure").
type notice struct {
	fd   int
	dir  *cgfs.Dir
	file string
	last bool // the cgroup is gone, and all was taken
}

// NotifyOOM implements driver.Group.
func (g *Group) NotifyOOM() (driver.Notice, error) {
	if g.controller("memory") == nil && g.unified != nil {
		return g.unified.NotifyOOM()
	}
	return g.notify("memory.oom_control", "")
}

// NotifyPressure implements driver.Group.
func (g *Group) NotifyPressure(level string) (driver.Notice, error) {
	if !slices.Contains([]string{"low", "medium", "critical"}, level) {
		return nil, fmt.Errorf("memory pressure %q: it is low, medium or critical: %w", level, unix.EINVAL)
	}
	return g.notify("memory.pressure_level", level)
}

func (g *Group) notify(file, level string) (driver.Notice, error) {
	h := g.controller("memory")
	if h == nil {
		return nil, driver.ErrNoController
	}
	dir, err := h.opened()
	if err != nil {
		return nil, err
	}
	n := &notice{fd: -1, file: file}
	if n.dir, err = dir.Child("."); err != nil {
		return nil, err
	}
	if n.fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		n.Close()
		return nil, fmt.Errorf("eventfd for %s/%s: %w", dir.Path(), file, err)
	}
	if err := dir.WithFile(file, func(fd int) error {
		return dir.Write("cgroup.event_control", fmt.Sprintf("%d %d %s", n.fd, fd, level))
	}); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

func (n *notice) FD() int { return n.fd }

// Take implements driver.Notice. The last that the kernel adds is 1 for the end of the cgroup, a moment after that is
// gone: of what was added before, nothing tells it apart.
func (n *notice) Take() (int, error) {
	count, err := n.read()
	if err != nil || count == 0 || n.dir.Has(n.file) {
		return count, err
	}
	if n.last {
		return 0, nil
	}
	n.last = true
	more, err := n.readWithin(200 * time.Millisecond) // for the kernel's worker that takes the cgroup down
	if err != nil {
		return 0, err
	}
	return count + more - 1, nil
}

// readWithin waits for something to read.
func (n *notice) readWithin(patience time.Duration) (int, error) {
	for end := time.Now().Add(patience); ; {
		left := max(0, time.Until(end))
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(n.fd), Events: unix.POLLIN}}, int(left.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return n.read()
		}
	}
}

func (n *notice) read() (int, error) {
	var buf [8]byte
	for {
		_, err := unix.Read(n.fd, buf[:])
		switch {
		case err == nil:
			return int(binary.NativeEndian.Uint64(buf[:])), nil
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		case !errors.Is(err, unix.EINTR):
			return 0, fmt.Errorf("read eventfd %s of %s/%s: %w", strconv.Itoa(n.fd), n.dir.Path(), n.file, err)
		}
	}
}

func (n *notice) Close() {
	if n.fd >= 0 {
		unix.Close(n.fd)
		n.fd = -1
	}
	n.dir.Close()
}
