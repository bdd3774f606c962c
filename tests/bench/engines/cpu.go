package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// A watch knows which threads ended since it began.
type watch struct {
	f *os.File
}

func newWatch() (*watch, error) {
	f, err := os.Open(os.Getenv(tasksFile))
	if err != nil {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekEnd)
	return &watch{f}, err
}

// spent returns the processor time of the runtime's threads that ended meanwhile, in all namespaces, and ends the watch.
func (w *watch) spent() (time.Duration, error) {
	defer w.f.Close()
	time.Sleep(settle)
	return sum(w.f)
}

// settle is how long what ended may take to be written down.
const settle = 200 * time.Millisecond

func sum(r io.Reader) (total time.Duration, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var name string
		var spent time.Duration
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &name, &spent); err != nil {
			continue // the kernel's names may be empty
		}
		if name == "lost" {
			return 0, fmt.Errorf("the kernel told of more threads than were read")
		}
		if runtimes(name) {
			total += spent
		}
	}
	return total, lines.Err()
}

// runtimes says whether a thread with this name is a runtime's: creel, its profile compiler (a memory file), runc, also as
// runc:[2:INIT], crun, and those that are executed by their fd, whose name is its number. What a runtime becomes when it
// executes the container's process, which is true(1) in all cases, counts as well: until then it was the runtime's init.
func runtimes(name string) bool {
	if _, err := strconv.Atoi(name); err == nil || name == "true" {
		return true
	}
	for _, prefix := range []string{"creel", "memfd:", "runc", "crun"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
