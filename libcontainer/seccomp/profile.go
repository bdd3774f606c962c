package seccomp

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// maxArg is the number of the last argument that a system call can have.
const maxArg = 5

// appendProfile appends the canonical form of a profile (package wire), and
// says what the profile needs beyond the filter. Flags and listener are not
// part of the form: they do not change the program. An error has a line for each
// mistake.
func appendProfile(dst []byte, p *specs.LinuxSeccomp) ([]byte, uses, error) {
	var u uses
	var wrong []error
	def, err := action(p.DefaultAction, p.DefaultErrnoRet)
	switch {
	case err != nil:
		wrong = append(wrong, fmt.Errorf("linux.seccomp.default%w", upper(err)))
	case p.DefaultAction == specs.ActNotify:
		wrong = append(wrong, fmt.Errorf("linux.seccomp.defaultAction: %s: not possible, the process could not be started", p.DefaultAction))
	default:
		u.add(def)
	}
	archs, err := architectures(p.Architectures)
	if err != nil {
		wrong = append(wrong, err)
	}
	dst = wire.AppendHead(dst, def, archs, len(p.Syscalls))
	for i := range p.Syscalls {
		var errs []error
		dst, errs = appendRule(dst, &p.Syscalls[i], &u)
		for _, err := range errs {
			wrong = append(wrong, fmt.Errorf("linux.seccomp.syscalls[%d].%w", i, err))
		}
	}
	return dst, u, errors.Join(wrong...)
}

// appendRule appends one rule; it is whole only if nothing is wrong.
func appendRule(dst []byte, s *specs.LinuxSyscall, u *uses) (_ []byte, wrong []error) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	act, err := action(s.Action, s.ErrnoRet)
	if err != nil {
		wrong = append(wrong, err)
	} else {
		u.add(act)
	}
	if len(s.Args) > 255 {
		bad("args: %d conditions: at most 255 are possible", len(s.Args))
		return dst, wrong
	}
	dst = wire.AppendRule(dst, act, len(s.Args))
	for i, a := range s.Args {
		op, ok := wire.OpOf(string(a.Op))
		if !ok {
			bad("args[%d].op: %q: unknown operator", i, a.Op)
		}
		if a.Index > maxArg {
			bad("args[%d].index: %d: a system call has arguments 0 to %d", i, a.Index, maxArg)
		}
		arg := wire.Arg{Index: uint8(a.Index), Op: op, Value: a.Value}
		if op == wire.MaskedEQ {
			arg.ValueTwo = a.ValueTwo
		}
		dst = wire.AppendArg(dst, arg)
	}
	if len(s.Names) == 0 {
		bad("names: empty: at least one system call is required")
	}
	for i, name := range s.Names {
		if name == "" || len(name) > wire.MaxName {
			bad("names[%d]: %q: not the name of a system call", i, name)
		}
	}
	if wrong != nil {
		return dst, wrong
	}
	return wire.AppendNames(dst, s.Names), nil
}

// architectures returns the ones that the filter serves: the machine's own and
// those of the profile, sorted.
func architectures(names []specs.Arch) ([]wire.Arch, error) {
	native, ok := nativeArch()
	if !ok {
		return nil, fmt.Errorf("linux.seccomp: %s: the runtime specification has no word for this architecture", runtime.GOARCH)
	}
	archs := append(make([]wire.Arch, 0, 8), native)
	var wrong []error
	for i, name := range names {
		a, ok := wire.ArchOf(string(name))
		if !ok {
			wrong = append(wrong, fmt.Errorf("linux.seccomp.architectures[%d]: %q: unknown architecture", i, name))
			continue
		}
		if !slices.Contains(archs, a) {
			archs = append(archs, a)
		}
	}
	slices.Sort(archs)
	return archs, errors.Join(wrong...)
}

// uses is what a profile asks of the kernel.
type uses struct {
	newer  uint8 // of the actions in newerActions, a bit each
	notify bool
}

func (u *uses) add(act uint32) {
	act &= unix.SECCOMP_RET_ACTION_FULL
	for i, a := range newerActions {
		if a.action == act {
			u.newer |= 1 << i
		}
	}
	u.notify = u.notify || act == unix.SECCOMP_RET_USER_NOTIF
}

// check refuses what this kernel cannot do.
func (u *uses) check(p *specs.LinuxSeccomp, kernel uint8) error {
	var wrong []error
	for i, a := range newerActions {
		if missing := u.newer &^ kernel; missing&(1<<i) != 0 {
			wrong = append(wrong, fmt.Errorf("linux.seccomp: %s: %w", a.word, &unsupported{"Linux " + a.since}))
		}
	}
	if u.notify && p.ListenerPath == "" {
		wrong = append(wrong, fmt.Errorf("linux.seccomp.listenerPath: empty, but %s is used: nobody would answer the notifications", specs.ActNotify))
	}
	return errors.Join(wrong...)
}

// upper turns the "action" or "errnoRet" that begins an error into the second
// half of defaultAction or defaultErrnoRet.
func upper(err error) error {
	e, ok := err.(*wordError)
	if !ok {
		return err
	}
	return &wordError{string(e.field[0]-'a'+'A') + e.field[1:], e.value, e.why}
}

// wordError is a value that a field of the profile cannot have.
type wordError struct{ field, value, why string }

func (e *wordError) Error() string {
	return e.field + ": " + strconv.Quote(e.value) + ": " + e.why
}
