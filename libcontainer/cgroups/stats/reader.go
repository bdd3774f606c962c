package stats

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Reader reads the files of one cgroup. A file that the kernel does not have, or has switched off, reads as
// zero; what else goes wrong is kept until Err is asked, so that one bad file costs no other figure.
type Reader struct {
	dir  *cgfs.Dir
	errs []error
}

// Of returns a Reader of d, which stays the caller's.
func Of(d *cgfs.Dir) *Reader { return &Reader{dir: d} }

// Err returns everything that went wrong.
func (r *Reader) Err() error { return errors.Join(r.errs...) }

// Text returns a file's text without the last newline. It is not ok where there is no such file.
func (r *Reader) Text(name string) (text string, ok bool) {
	text, err := r.dir.Read(name)
	if err == nil {
		return text, true
	}
	// pressure files are there, and refuse, when the kernel was booted without them (psi=0)
	if !cgfs.Gone(err) && !errors.Is(err, unix.EOPNOTSUPP) {
		r.errs = append(r.errs, err)
	}
	return "", false
}

// Uint returns a file's only number, 2⁶⁴-1 for "max".
func (r *Reader) Uint(name string) uint64 {
	n, _ := r.UintOK(name)
	return n
}

// UintOK is Uint, and tells whether there is such a file.
func (r *Reader) UintOK(name string) (n uint64, ok bool) {
	text, ok := r.Text(name)
	if !ok {
		return 0, false
	}
	return r.number(name, strings.TrimSpace(text)), true
}

// Int returns a file's only number, which may be negative.
func (r *Reader) Int(name string) int64 {
	text, ok := r.Text(name)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		r.malformed(name, text)
	}
	return n
}

// Table returns a flat keyed file, nil if there is none. Lines that are more than a key and a number are no
// part of it.
func (r *Reader) Table(name string) map[string]uint64 {
	text, ok := r.Text(name)
	if !ok {
		return nil
	}
	table := make(map[string]uint64, 64)
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if ok && !strings.Contains(value, " ") {
			table[key] = r.number(name, value)
		}
	}
	return table
}

// Numbers returns the numbers of a file that are separated by blanks.
func (r *Reader) Numbers(name string) (list []uint64) {
	text, _ := r.Text(name)
	for word := range strings.FieldsSeq(text) {
		list = append(list, r.number(name, word))
	}
	return list
}

// List returns the numbers of a list such as "0-3,7" (cpuset(7), "List format").
func (r *Reader) List(name string) (list []uint16) {
	text, _ := r.Text(name)
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		if part == "" {
			continue
		}
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil || from > to {
			r.malformed(name, text)
			return list
		}
		for n := from; n <= to; n++ {
			list = append(list, uint16(n))
		}
	}
	return list
}

func (r *Reader) number(name, word string) uint64 {
	if word == cgfs.Max {
		return math.MaxUint64
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		r.malformed(name, word)
	}
	return n
}

func (r *Reader) malformed(name, text string) {
	r.errs = append(r.errs, fmt.Errorf("read %s/%s: %q is not what the kernel writes there: %w", r.dir.Path(), name, text, unix.EINVAL))
}
