package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/mapping"
	"golang.org/x/sys/unix"
)

// Devices returns the device that path names or, of a directory, those in and below it, in the order of their names.
// path may be a link; links in a directory are passed over.
func (*Machine) Devices(path string) (found []mapping.Device, err error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		d, ok, err := device(real)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("%s: it is neither a device nor a directory", path)
		}
		d.Path = path
		return []mapping.Device{d}, nil
	}
	err = filepath.WalkDir(real, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil // it went meanwhile, or is nobody's business
		}
		if err != nil || entry.Type()&fs.ModeDevice == 0 {
			return err
		}
		d, ok, err := device(name)
		if err != nil || !ok {
			return err
		}
		d.Path = path + strings.TrimPrefix(name, real)
		found = append(found, d)
		return nil
	})
	return found, err
}

// device looks at what may be a device node.
func device(path string) (d mapping.Device, ok bool, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return d, false, fmt.Errorf("stat %s: %w", path, err)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFBLK:
		d.Type = "b"
	case unix.S_IFCHR:
		d.Type = "c"
	default:
		return d, false, nil
	}
	d.Path, d.Mode, d.UID, d.GID = path, st.Mode&0o777, st.Uid, st.Gid
	d.Major, d.Minor = int64(unix.Major(uint64(st.Rdev))), int64(unix.Minor(uint64(st.Rdev)))
	return d, true, nil
}

// BlockDevice returns the number of a block device.
func (*Machine) BlockDevice(path string) (major, minor int64, err error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0, 0, fmt.Errorf("stat %s: %w", path, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return 0, 0, errors.New("it is not a block device")
	}
	return int64(unix.Major(uint64(st.Rdev))), int64(unix.Minor(uint64(st.Rdev))), nil
}
