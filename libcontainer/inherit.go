package libcontainer

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// inherited opens the fds that init starts with: the start socket, the
// namespaces that it joins, and user namespaces with the id maps of mounts.
func (b *boot) inherited() ([]int, error) {
	fds := make([]int, 0, len(b.plan.Inherit))
	for i := range b.plan.Inherit {
		in := &b.plan.Inherit[i]
		fd, err := b.inherit(in)
		if err != nil {
			if in.Source != "" {
				err = fmt.Errorf("%s: %w", in.Source, err)
			}
			return fds, err
		}
		fds = append(fds, fd)
	}
	return fds, nil
}

func (b *boot) inherit(in *plan.Inherit) (int, error) {
	switch in.Kind {
	case plan.StartSocket:
		return listenStart(b.dir.FD())
	case plan.Namespace:
		return openNamespace(in.Path, in.Nstype)
	default:
		return holdIDMap(in)
	}
}

const (
	nsGetNstype = 0xb703 // NS_GET_NSTYPE, ioctl_ns(2)
	nsfsMagic   = 0x6e736673
)

// openNamespace opens a namespace file and makes sure that it is one, of the
// type that the config says.
func openNamespace(path string, nstype uintptr) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("open namespace %s: %w", path, err)
	}
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil || st.Type != nsfsMagic {
		unix.Close(fd)
		return -1, fmt.Errorf("open namespace %s: not a namespace file: %w", path, unix.EINVAL)
	}
	got, err := unix.IoctlRetInt(fd, nsGetNstype)
	if err == nil && uintptr(got) != nstype {
		unix.Close(fd)
		return -1, fmt.Errorf("open namespace %s: it has type %#x, not %#x: %w", path, got, nstype, unix.EINVAL)
	}
	return fd, nil
}
