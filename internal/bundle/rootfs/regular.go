package rootfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ErrNotRegular is about what is no regular file.
var ErrNotRegular = errors.New("not a regular file")

// OpenRegular opens a regular file of the root filesystem root to be read. Links in its name lead nowhere else, and neither a fifo nor a
// device keeps the caller waiting. The errors are openat2(2)'s and ErrNotRegular, bare.
func OpenRegular(root int, name string) (*os.File, error) {
	fd, err := open2(root, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, inRoot)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
