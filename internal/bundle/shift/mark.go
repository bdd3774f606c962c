package shift

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// markName is an attribute of the directory that says what was done to it. It goes with the directory, and only the
// host's root sees it.
const markName = "trusted.creel.shift"

const (
	done    = "done "    // with the mapping
	running = "running " // with the header of the journal
)

// readMark returns "" if there is none.
func readMark(fd int) (string, error) {
	buf := make([]byte, 256)
	n, err := unix.Fgetxattr(fd, markName, buf)
	if err == unix.ENODATA || err == unix.EOPNOTSUPP {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("attribute %s: %w", markName, err)
	}
	return string(buf[:n]), nil
}

// setMark says whether the directory can have one: not on each file system, and not from a user namespace.
func setMark(fd int, text string) (bool, error) {
	err := unix.Fsetxattr(fd, markName, []byte(text), 0)
	if err == unix.EOPNOTSUPP || err == unix.EPERM {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("attribute %s: %w", markName, err)
	}
	return true, nil
}

func clearMark(fd int) error {
	err := unix.Fremovexattr(fd, markName)
	if err == nil || err == unix.ENODATA || err == unix.EOPNOTSUPP || err == unix.EPERM {
		return nil
	}
	return fmt.Errorf("attribute %s: %w", markName, err)
}

// judge says whether what the mark tells lets the shift be done, and whether it was done already.
func (r *run) judge(mark string, haveJournal bool) (already bool, err error) {
	was, finished := strings.CutPrefix(mark, done)
	now, begun := strings.CutPrefix(mark, running)
	switch {
	case finished && was == r.asked.String():
		return !r.undo, nil
	case finished:
		return false, fmt.Errorf("it is shifted by %s already: undo that first (--undo %s)", was, was)
	case begun && now != r.head:
		return false, fmt.Errorf("%w: %s; finish it first, by the same command", errUnfinished, now)
	case begun && !haveJournal:
		return false, fmt.Errorf("%w, and its journal %s is not beside the directory", errUnfinished, r.journalName)
	case r.undo && !haveJournal && r.act.overlaps():
		return false, errors.New("nothing says that it was shifted, and the ids do not tell: FROM and TO overlap")
	}
	return false, nil
}
