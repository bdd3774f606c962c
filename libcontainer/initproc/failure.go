package initproc

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Failure is an op of init that failed.
type Failure struct {
	Label string     // the field and the attempt
	Note  string     // the kernel's own words, often empty
	Errno unix.Errno // 0 when it adds nothing to Label
	Hook  bool       // the op ran a program
	Wait  unix.WaitStatus
}

// Error is the label, the kernel's words and the errno, the root cause last.
func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(f.Label)
	if f.Note != "" {
		b.WriteString(": ")
		b.WriteString(noteWords(f.Note))
	}
	switch {
	case f.Errno == 0:
	case f.Hook && errors.Is(f.Errno, unix.ECHILD) && f.Wait.Signaled():
		b.WriteString(": signal: " + f.Wait.Signal().String())
	case f.Hook && errors.Is(f.Errno, unix.ECHILD):
		b.WriteString(": exit status " + strconv.Itoa(f.Wait.ExitStatus()))
	case f.Hook && errors.Is(f.Errno, unix.ETIMEDOUT):
		b.WriteString(": timed out, killed")
	default:
		b.WriteString(": " + f.Errno.Error())
	}
	return b.String()
}

// Unwrap makes errors.Is(err, unix.ENOENT) and the like work.
func (f *Failure) Unwrap() error {
	if f.Errno == 0 {
		return nil
	}
	return f.Errno
}

// hookDetail marks the detail of an op that ran a program (csrc/process.c).
const hookDetail = 1 << 31

// Failure turns an error message into an error. quiet leaves the errno out.
func (m Message) Failure(quiet bool) *Failure {
	f := &Failure{Label: m.Label, Note: m.Note, Errno: unix.Errno(m.Value)}
	f.Hook = m.Detail&hookDetail != 0
	f.Wait = unix.WaitStatus(m.Detail &^ hookDetail)
	if quiet {
		f.Errno = 0
	}
	return f
}

// noteWords strips the level letter that a file system context puts in front of
// its messages: "e tmpfs: Bad value for 'size'".
func noteWords(note string) string {
	if len(note) > 2 && note[1] == ' ' && strings.ContainsRune("ewi", rune(note[0])) {
		return note[2:]
	}
	return note
}
