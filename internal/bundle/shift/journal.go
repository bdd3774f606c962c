package shift

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/creel-project/creel/internal/bundle/regular"
	"golang.org/x/sys/unix"
)

// A journal lies beside the directory while it is being shifted. It has a line for each file that needs more than one step,
// as it was before, and in the end one that says that all of them are there. Only then the first is changed: whoever
// comes after a crash sets what the journal says, whether that was done already or not.
type journal struct {
	parent int
	name   string
	f      *os.File

	mu    sync.Mutex
	w     *bufio.Writer
	lines int
}

const scanned = "scanned "

// header names what the journal is for: a directory of the same name may be another one.
func header(m Mapping, undo bool, ino uint64) string {
	word := "shift"
	if undo {
		word = "undo"
	}
	return fmt.Sprintf("creel-bundle shift 1: %s %v of inode %d", word, m, ino)
}

// errUnfinished is about a journal that was left by another shift.
var errUnfinished = errors.New("a shift was not finished")

// openJournal opens the journal, or begins one. found says that it is complete.
func openJournal(parent int, name, head string) (j *journal, found bool, err error) {
	fd, err := unix.Openat(parent, name, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_APPEND, 0o600)
	if err != nil {
		return nil, false, &os.PathError{Op: "open", Path: name, Err: err}
	}
	j = &journal{parent: parent, name: name, f: os.NewFile(uintptr(fd), name)}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		j.f.Close()
		return nil, false, fmt.Errorf("lock %s: %w: another one is at work", name, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Nlink == 0 {
		j.f.Close()
		return nil, false, errors.Join(err, fmt.Errorf("%s: another one has just finished", name))
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG { // a fifo would be waited for
		j.f.Close()
		return nil, false, fmt.Errorf("%s: %w", name, regular.ErrNot)
	}
	if found, err = j.begin(head); err != nil {
		j.f.Close()
		return nil, false, err
	}
	return j, found, nil
}

func (j *journal) begin(head string) (found bool, err error) {
	r := bufio.NewReader(j.f)
	first, err := r.ReadString('\n')
	if err == nil && first != head+"\n" {
		return false, fmt.Errorf("%w: %s has %q; finish it first, or remove the file if the directory is another one", errUnfinished, j.name, first)
	}
	for err == nil {
		var line string
		if line, err = r.ReadString('\n'); strings.HasPrefix(line, scanned) && err == nil {
			return true, nil
		}
	}
	if err != io.EOF {
		return false, err
	}
	// Nothing that it names was changed yet.
	if err := j.f.Truncate(0); err != nil {
		return false, err
	}
	j.w = bufio.NewWriterSize(j.f, 64<<10)
	_, err = j.w.WriteString(head + "\n")
	return false, errors.Join(err, j.w.Flush())
}

// add notes a file. One with several names may be in it several times: what becomes of it is the same each time.
func (j *journal) add(path string, n *inode) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines++
	_, err := fmt.Fprintf(j.w, "%d %d %d %o", n.ino, n.uid, n.gid, n.mode)
	for _, value := range n.xattrs {
		text := "-"
		if value != nil {
			text = hex.EncodeToString(value)
		}
		_, e := j.w.WriteString(" " + text)
		err = errors.Join(err, e)
	}
	_, e := j.w.WriteString(" " + strconv.Quote(path) + "\n")
	return errors.Join(err, e)
}

// complete makes the journal last. From then on what it names may be changed.
func (j *journal) complete() error {
	_, err := fmt.Fprintf(j.w, "%s%d\n", scanned, j.lines)
	if err := errors.Join(err, j.w.Flush()); err != nil {
		return err
	}
	if j.lines == 0 {
		return nil
	}
	if err := j.f.Sync(); err != nil {
		return err
	}
	return unix.Fsync(j.parent)
}

// each reads the files from a complete journal.
func (j *journal) each(do func(path string, n *inode) error) error {
	if _, err := j.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(j.f, 64<<10)
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
		if strings.HasPrefix(line, scanned) {
			return nil
		}
		path, n, err := parseLine(line)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", j.name, line, err)
		}
		if err := do(path, n); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

func parseLine(line string) (path string, n *inode, err error) {
	n = &inode{}
	f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 5+len(withIDs))
	if len(f) != 5+len(withIDs) {
		return "", nil, errors.New("fields are missing")
	}
	if _, err := fmt.Sscanf(strings.Join(f[:4], " "), "%d %d %d %o", &n.ino, &n.uid, &n.gid, &n.mode); err != nil {
		return "", nil, err
	}
	for i := range n.xattrs {
		if f[4+i] == "-" {
			continue
		}
		if n.xattrs[i], err = hex.DecodeString(f[4+i]); err != nil {
			return "", nil, err
		}
	}
	quoted := f[4+len(withIDs)]
	if path, err = strconv.Unquote(quoted); err == nil && quoted[0] != '"' { // Go has other quotation marks, which add never writes
		err = strconv.ErrSyntax
	}
	return path, n, err
}

// remove ends the journal.
func (j *journal) remove() error {
	defer j.f.Close()
	return unix.Unlinkat(j.parent, j.name, 0)
}
