package cgfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Children returns the names of the sub-cgroups.
func (d *Dir) Children() ([]string, error) {
	fd, err := d.openFile(".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.path, err)
	}
	defer unix.Close(fd)
	var names []string
	buf := make([]byte, 8192)
	for {
		n, err := unix.Getdents(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", d.path, err)
		}
		if n == 0 {
			return names, nil
		}
		names = appendDirs(names, buf[:n])
	}
}

// appendDirs adds the names of the directories among raw getdents64 entries.
func appendDirs(names []string, buf []byte) []string {
	const nameOffset = int(unsafe.Offsetof(unix.Dirent{}.Name))
	for len(buf) > nameOffset {
		entry := (*unix.Dirent)(unsafe.Pointer(&buf[0]))
		name := unix.ByteSliceToString(buf[nameOffset:entry.Reclen])
		if entry.Type == unix.DT_DIR && name != "." && name != ".." {
			names = append(names, name)
		}
		buf = buf[entry.Reclen:]
	}
	return names
}

// Walk calls visit for d and every cgroup below it, parents after their children. Cgroups that vanish meanwhile
// are left out.
func (d *Dir) Walk(visit func(*Dir) error) error {
	return d.traverse(visit, func(*Dir, string) error { return nil })
}

// RemoveChildren removes everything below d, innermost first. Cgroups that hold processes make it fail with EBUSY.
func (d *Dir) RemoveChildren() error {
	return d.traverse(func(*Dir) error { return nil }, (*Dir).Rmdir)
}

// level is one directory on the way from the start of a traversal to where it is.
type level struct {
	name string
	path string
	rest []string // children still to come
}

// traverse visits d and everything below it, children first, and calls left with the parent and the name of each child
// after its visit. It keeps one directory open at any depth: a container that may make cgroups could
// nest them deeper than we may open files.
func (d *Dir) traverse(visit func(*Dir) error, left func(parent *Dir, name string) error) error {
	cur, err := d.Child(".")
	if Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { cur.Close() }()
	cur.path = d.path
	stack := make([]level, 0, 8)
	if stack, err = push(stack, cur, ""); err != nil {
		return err
	}
	for {
		top := &stack[len(stack)-1]
		if n := len(top.rest); n > 0 {
			name := top.rest[n-1]
			top.rest = top.rest[:n-1]
			if stack, err = enter(stack, &cur, name); err != nil {
				return err
			}
			continue
		}
		if err := visit(cur); err != nil && !Gone(err) {
			return err
		}
		if len(stack) == 1 {
			return nil
		}
		stack = stack[:len(stack)-1]
		if err := goUp(&cur, stack[len(stack)-1].path); err != nil {
			return err
		}
		if err := left(cur, top.name); err != nil {
			return err
		}
	}
}

// enter moves cur into its child, unless that is gone.
func enter(stack []level, cur **Dir, name string) ([]level, error) {
	child, err := (*cur).Child(name)
	if Gone(err) {
		return stack, nil
	}
	if err != nil {
		return stack, err
	}
	(*cur).Close()
	*cur = child
	return push(stack, child, name)
}

func push(stack []level, d *Dir, name string) ([]level, error) {
	rest, err := d.Children()
	if err != nil && !Gone(err) {
		return stack, err
	}
	return append(stack, level{name: name, path: d.path, rest: rest}), nil
}

func goUp(cur **Dir, path string) error {
	parent, err := openAt((*cur).fd, "..", path)
	if err != nil {
		return err
	}
	(*cur).Close()
	*cur = parent
	return nil
}

// Pids returns the processes of d and of every cgroup below it.
func (d *Dir) Pids() ([]int, error) {
	var pids []int
	err := d.Walk(func(sub *Dir) error {
		text, err := sub.Read("cgroup.procs")
		if errors.Is(err, unix.EOPNOTSUPP) {
			return nil // a threaded cgroup (v2): its domain lists the processes
		}
		if err != nil {
			return err
		}
		pids = appendPids(pids, text)
		return nil
	})
	return pids, err
}

// appendPids adds the pids of a cgroup.procs text. A process outside the reader's pid namespace is written as 0 there,
// which kill(2) would take for the caller's own process group: it is left out.
func appendPids(pids []int, text string) []int {
	for line := range strings.Lines(text) {
		pid, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
		if err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Gone tells the errors of a cgroup that was removed while it was looked at.
func Gone(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV)
}

// Describe names processes in a message, the first few of them by their pid.
func Describe(pids []int) string {
	if len(pids) == 0 {
		return "processes of another pid namespace"
	}
	text := "process"
	if len(pids) > 1 {
		text = strconv.Itoa(len(pids)) + " processes,"
	}
	for i, pid := range pids {
		if i == 5 {
			return text + " …"
		}
		text += " " + strconv.Itoa(pid)
	}
	return text
}

// RemoveEmpty removes directories, given outermost first, that hold neither processes nor other cgroups. What cannot be
// removed is somebody's and stays.
func RemoveEmpty(dirs []string) {
	for i := len(dirs) - 1; i >= 0; i-- {
		parent, name := Split(dirs[i])
		d, err := Open(parent)
		if err != nil {
			continue
		}
		err = d.Rmdir(name)
		d.Close()
		if err != nil {
			return
		}
	}
}
