package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Bytes that are read of what a flag or an argument names.
const (
	maxResources = 1 << 20 // the kernel's largest limits take a few hundred
	maxMount     = 1 << 20
	maxProcess   = 16 << 20 // execve(2) takes 6 MiB of arguments and environment
)

// readFile reads a file, or stdin if its name is "-", of at most limit bytes: what is named
// may have no end.
func readFile(name string, limit int64) ([]byte, error) {
	f := os.Stdin
	if name != "-" {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, err
		}
		defer f.Close()
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("more than %d bytes: %w", limit, unix.EFBIG)
	}
	return text, err
}
