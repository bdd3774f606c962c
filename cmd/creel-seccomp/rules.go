package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// call is a system call that a rule names.
type call struct {
	name  string
	nr    seccomp.ScmpSyscall // on the machine's architecture; negative: not there
	newer bool                // libseccomp does not know it
}

// on is the call's number on an architecture, negative where it does not exist.
func (c *call) on(arch seccomp.ScmpArch) seccomp.ScmpSyscall {
	if c.newer {
		if native, err := seccomp.GetNativeArch(); err != nil || native != arch {
			return -1
		}
		return c.nr
	}
	nr, err := seccomp.GetSyscallFromNameByArch(c.name, arch)
	if err != nil {
		return -1
	}
	return nr
}

// resolve finds the calls that each rule names. Names that nobody knows are
// left out: they are other systems' calls, or mistakes, and engines count on that.
func resolve(p *wire.Profile) ([][]call, error) {
	calls := make([][]call, len(p.Rules))
	for i, rule := range p.Rules {
		for _, name := range rule.Names {
			if strings.IndexByte(name, 0) >= 0 {
				continue // libseccomp would see the part before it
			}
			nr, err := seccomp.GetSyscallFromName(name)
			c := call{name: name, nr: nr}
			if errors.Is(err, seccomp.ErrSyscallDoesNotExist) {
				if c.nr, c.newer = newerCall(name); !c.newer {
					continue
				}
			} else if err != nil {
				return nil, fmt.Errorf("linux.seccomp.syscalls[%d]: %s: %w", i, name, err)
			}
			calls[i] = append(calls[i], c)
		}
	}
	return calls, nil
}

// add adds one call's rule. All conditions of a rule must hold together, but
// libseccomp takes only one on each argument: with two, every condition becomes
// a rule of its own, so that any of them suffices. Profiles rely on that.
func add(f *seccomp.ScmpFilter, c call, args []wire.Arg, act seccomp.ScmpAction) error {
	if len(args) == 0 {
		return explain(f.AddRule(c.nr, act))
	}
	conds := make([]seccomp.ScmpCondition, 0, len(args))
	var seen [6]bool
	twice := false
	for _, a := range args {
		cond, err := condition(a)
		if err != nil {
			return err
		}
		conds = append(conds, cond)
		twice = twice || seen[a.Index]
		seen[a.Index] = true
	}
	if !twice {
		return explain(f.AddRuleConditional(c.nr, act, conds))
	}
	for i := range conds {
		if err := explain(f.AddRuleConditional(c.nr, act, conds[i:i+1])); err != nil {
			return err
		}
	}
	return nil
}

func explain(err error) error {
	if errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("an earlier rule gives the same call another action: %w", err)
	}
	return err
}

func condition(a wire.Arg) (seccomp.ScmpCondition, error) {
	if a.Op == wire.MaskedEQ {
		return seccomp.MakeCondition(uint(a.Index), ops[a.Op], a.Value, a.ValueTwo)
	}
	return seccomp.MakeCondition(uint(a.Index), ops[a.Op], a.Value)
}

// export returns the finished program.
func export(f *seccomp.ScmpFilter) ([]byte, error) {
	fd, err := unix.MemfdCreate("filter", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	file := os.NewFile(uintptr(fd), "filter")
	defer file.Close()
	if err := f.ExportBPF(file); err != nil {
		return nil, err
	}
	st, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	program := make([]byte, st.Size())
	if _, err := file.ReadAt(program, 0); err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	return program, nil
}
