// Package configfile writes the config.json of a bundle, all of it or nothing.
package configfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/spec"
	"golang.org/x/sys/unix"
)

// Write puts text into config.json of the bundle directory dir, which it makes if there is none. The file has its name
// when all is written, and the mode 0666 less the umask, as from `creel spec`. One that is there is an error, unless it
// is to be replaced. After an error, nothing new is left.
func Write(dir string, text []byte, replace bool) (err error) {
	made := os.Mkdir(dir, 0o777)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	defer func() {
		if err != nil && made == nil {
			os.Remove(dir)
		}
	}()
	path := filepath.Join(dir, spec.ConfigName)
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s: %w; --force replaces it", path, fs.ErrExist)
	}
	f, err := os.OpenFile(filepath.Join(dir, ".config-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // os.CreateTemp's are 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = publish(f.Name(), path, replace)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// publish gives the file its name, and does not replace another one that came meanwhile (renameat2(2)).
func publish(from, to string, replace bool) error {
	if replace {
		return os.Rename(from, to)
	}
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) { // the file system cannot
		if err = os.Link(from, to); err == nil {
			err = os.Remove(from)
		}
	}
	return err
}
