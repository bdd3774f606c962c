package libcontainer

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// stdio are the fds of the process's streams: the caller's own unless given.
func (o *Streams) stdio() [3]int {
	std := [3]int{0, 1, 2}
	for i, f := range [3]*os.File{o.Stdin, o.Stdout, o.Stderr} {
		if f != nil {
			std[i] = int(f.Fd())
		}
	}
	return std
}

// preserved lists the caller's fds 3 … 3+n-1.
func preserved(n int) []int {
	fds := make([]int, n)
	for i := range fds {
		fds[i] = 3 + i
	}
	return fds
}

// checkPreserved makes sure that every fd that is to be preserved is open:
// otherwise a file of ours would take its number.
func checkPreserved(n int) error {
	if n < 0 {
		return fmt.Errorf("--preserve-fds %d: it takes the number of files: %w", n, unix.EINVAL)
	}
	for i := range n {
		if _, err := unix.FcntlInt(uintptr(3+i), unix.F_GETFD, 0); err != nil {
			return fmt.Errorf("--preserve-fds %d: fd %d: %w", n, 3+i, err)
		}
	}
	return nil
}

// trimTail turns Output.Tail into words that stand inside a sentence.
func trimTail(s string) string {
	return strings.TrimSuffix(s, ": ")
}

// closeFD closes an fd, unless there is none.
func closeFD(fd int) {
	if fd >= 0 {
		unix.Close(fd)
	}
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
