package rootfs

import (
	"os"

	"github.com/creel-project/creel/internal/bundle/regular"
)

// OpenRegular opens a regular file of the root filesystem root to be read. Links in its name lead nowhere else, and neither a fifo nor a
// device keeps the caller waiting. The errors are openat2(2)'s and regular.ErrNot, bare.
func OpenRegular(root int, name string) (*os.File, error) {
	fd, err := open2(root, name, regular.Flags, inRoot)
	if err != nil {
		return nil, err
	}
	return regular.Only(os.NewFile(uintptr(fd), name), nil)
}
