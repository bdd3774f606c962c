package oracle

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Wants returns the answers that a profile may give to a call: those of all
// rules that match, or else the default. Most calls have exactly one; where
// rules disagree, the specification does not say which wins. Calls beyond
// everything that the profile mentions on this architecture want ENOSYS unless
// the default lets calls through.
func Wants(p *specs.LinuxSeccomp, a *Arch, c Call) ([]uint32, error) {
	def, err := returns(p.DefaultAction, p.DefaultErrnoRet)
	if err != nil {
		return nil, err
	}
	var last uint32
	var wants []uint32
	for _, s := range p.Syscalls {
		act, err := returns(s.Action, s.ErrnoRet)
		if err != nil {
			return nil, err
		}
		for _, name := range s.Names {
			nr, ok := a.Numbers[name]
			if !ok {
				continue
			}
			last = max(last, nr)
			if nr == c.Nr && matches(s.Args, a, c) {
				wants = append(wants, act)
			}
		}
	}
	lets := p.DefaultAction == specs.ActAllow || p.DefaultAction == specs.ActLog || p.DefaultAction == specs.ActTrace
	switch {
	case len(wants) > 0:
		return wants, nil
	case c.Nr > last && !lets:
		return []uint32{unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)}, nil
	}
	return []uint32{def}, nil
}

// matches says whether a rule's conditions hold: all of them, or, as engines
// are used to, any of them when two are on the same argument.
func matches(args []specs.LinuxSeccompArg, a *Arch, c Call) bool {
	count := map[uint]int{}
	held, twice := 0, false
	for _, arg := range args {
		count[arg.Index]++
		twice = twice || count[arg.Index] > 1
		if holds(arg, a, c) {
			held++
		}
	}
	if twice {
		return held > 0
	}
	return held == len(args)
}

func holds(arg specs.LinuxSeccompArg, a *Arch, c Call) bool {
	v, want, want2 := c.Args[arg.Index]&a.mask(), arg.Value&a.mask(), arg.ValueTwo&a.mask()
	switch arg.Op {
	case specs.OpNotEqual:
		return v != want
	case specs.OpLessThan:
		return v < want
	case specs.OpLessEqual:
		return v <= want
	case specs.OpEqualTo:
		return v == want
	case specs.OpGreaterEqual:
		return v >= want
	case specs.OpGreaterThan:
		return v > want
	case specs.OpMaskedEqual:
		return v&want == want2
	}
	return false
}

// returns is what the man page seccomp(2) gives for a word of the specification.
func returns(word specs.LinuxSeccompAction, errno *uint) (uint32, error) {
	n := uint32(1) // EPERM
	if errno != nil {
		n = uint32(*errno)
	}
	switch word {
	case specs.ActKill, specs.ActKillThread:
		return 0x00000000, nil
	case specs.ActTrap:
		return 0x00030000, nil
	case specs.ActErrno:
		return 0x00050000 | n, nil
	case specs.ActNotify:
		return 0x7fc00000, nil
	case specs.ActTrace:
		return 0x7ff00000 | n, nil
	case specs.ActLog:
		return 0x7ffc0000, nil
	case specs.ActAllow:
		return 0x7fff0000, nil
	case specs.ActKillProcess:
		return 0x80000000, nil
	}
	return 0, fmt.Errorf("action %q", word)
}
