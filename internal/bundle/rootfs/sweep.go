package rootfs

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// randomLen is the length of rand.Text.
const randomLen = 26

// sweep removes what an extraction to the same place left that was killed: nobody has a lock on it.
func sweep(parent int, prefix string) error {
	names, err := readNames(parent)
	if err != nil {
		return err
	}
	for _, name := range names {
		random, ok := strings.CutPrefix(name, prefix)
		if !ok || len(random) != randomLen || strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			continue
		}
		if err := sweepOne(parent, name); err != nil {
			return fmt.Errorf("remove %s, which a killed one left: %w", name, err)
		}
	}
	return nil
}

func sweepOne(parent int, name string) error {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil // it is somebody else's, or just gone
	}
	defer unix.Close(fd)
	if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil
	}
	return removeAt(parent, name)
}
