package hooks

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tailMax is how much of a hook's stderr an error repeats, in bytes.
const tailMax = 1024

// Output collects the end of what a hook writes to stderr.
type Output struct {
	r    int // -1 where all of it goes to a file
	file string
	tail []byte
}

// newOutput returns an Output and the write end of its pipe, which the hook
// gets and the caller closes.
func newOutput() (*Output, int, error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, -1, fmt.Errorf("pipe for stderr: %w", err)
	}
	if err := unix.SetNonblock(p[0], true); err != nil {
		unix.Close(p[0])
		unix.Close(p[1])
		return nil, -1, fmt.Errorf("pipe for stderr: %w", err)
	}
	return &Output{r: p[0]}, p[1], nil
}

// Close releases the pipe; whoever still writes there gets SIGPIPE.
func (o *Output) Close() {
	if o.r >= 0 {
		unix.Close(o.r)
		o.r = -1
	}
}

// Until reads what the hook writes until fd is readable, at most for limit,
// which is forever when negative.
func (o *Output) Until(fd int, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	open := o.r >= 0
	for {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(o.r), Events: unix.POLLIN}}
		if !open {
			p = p[:1]
		}
		ms := -1
		if limit >= 0 {
			ms = int(max(0, time.Until(deadline)+time.Millisecond-1) / time.Millisecond)
		}
		n, err := unix.Poll(p, ms)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("poll: %w", err)
		}
		if n == 0 {
			return errTimeout
		}
		if len(p) > 1 && p[1].Revents != 0 {
			open = o.drain()
		}
		if p[0].Revents != 0 {
			if open {
				o.drain()
			}
			return nil
		}
	}
}

// drain reads what is there; it returns false at the end of the pipe.
func (o *Output) drain() bool {
	var buf [4096]byte
	for {
		n, err := unix.Read(o.r, buf[:])
		if n > 0 {
			o.tail = append(o.tail, buf[:n]...)
			if extra := len(o.tail) - tailMax; extra > 0 {
				o.tail = append(o.tail[:0], o.tail[extra:]...)
			}
			continue
		}
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return errors.Is(err, unix.EAGAIN)
	}
}

// Tail is the end of what was written, on one line, ready to stand before the
// cause of a failure: `stderr "no such device": `. It is empty when nothing was. Of
// what went to a file it only says where that is.
func (o *Output) Tail() string {
	if o.file != "" {
		return fmt.Sprintf("stderr is in %q: ", o.file)
	}
	o.drain()
	s := strings.TrimSpace(string(o.tail))
	if s == "" {
		return ""
	}
	return fmt.Sprintf("stderr %q: ", s)
}

// File returns a sealed memory file with the state, the stdin of a hook.
func (in Input) File() (int, error) {
	fd, err := unix.MemfdCreate(in.Name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, fmt.Errorf("memory file for the state: %w", err)
	}
	for rest := in.State; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil && !errors.Is(err, unix.EINTR) {
			unix.Close(fd)
			return -1, fmt.Errorf("memory file for the state: write: %w", err)
		}
		rest = rest[max(n, 0):]
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file for the state: seal: %w", err)
	}
	if _, err := unix.Seek(fd, 0, 0); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file for the state: seek: %w", err)
	}
	return fd, nil
}
