// Package regular opens files that others name or make: only regular ones, so that neither a fifo nor a device keeps a reader waiting.
package regular

import (
	"errors"
	"os"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"golang.org/x/sys/unix"
)

// ErrNot is about what is no regular file.
var ErrNot = errors.New("it is not a regular file")

// Flags are those to open a file with that may be none.
const Flags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY

// Only passes a file on that was opened with Flags, if it is regular. It closes others: ErrNot, bare.
func Only(f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = ErrNot
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Read reads a file of at most most bytes.
func Read(path string, most int64) ([]byte, error) {
	f, err := Only(os.OpenFile(path, Flags, 0))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return bounded.All(f, most)
}
