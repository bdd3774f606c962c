package main

import (
	"fmt"
	"sync"

	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// compile makes one program for each architecture and puts a dispatcher before
// them. libseccomp could make one program for all, but takes time that grows
// with the square of its size: three programs need a third of the time of one.
func compile(p *wire.Profile) ([]byte, error) {
	// What the kernel offers is creel's business: the same profile gives the
	// same program on every kernel.
	for level := uint(7); level > 0 && seccomp.SetAPI(level) != nil; level-- {
	}
	calls, err := resolve(p)
	if err != nil {
		return nil, err
	}
	parts := make([]part, len(p.Archs))
	errs := make([]error, len(p.Archs))
	var wg sync.WaitGroup
	for i, arch := range p.Archs {
		wg.Go(func() { parts[i], errs[i] = compileFor(arch, p, calls) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("linux.seccomp%w", err)
		}
	}
	program := link(parts, enosys(p.Default))
	if n := len(program) / insnSize; n > unix.BPF_MAXINSNS {
		return nil, fmt.Errorf("linux.seccomp: the filter has %d instructions, but the kernel takes at most %d: fewer rules or architectures are needed", n, unix.BPF_MAXINSNS)
	}
	return program, nil
}

// enosys says whether calls that are newer than the profile get ENOSYS instead
// of the default action. Under a default that lets calls through they reach the
// kernel anyway, and a tracer is expected to know about new calls.
func enosys(def uint32) bool {
	switch def & unix.SECCOMP_RET_ACTION_FULL {
	case unix.SECCOMP_RET_ALLOW, unix.SECCOMP_RET_LOG, unix.SECCOMP_RET_TRACE:
		return false
	}
	return true
}

// compileFor makes the program for one architecture.
func compileFor(arch wire.Arch, p *wire.Profile, calls [][]call) (part, error) {
	pt := part{arch: arch, audit: auditArchs[arch]}
	scmp, err := token(arch)
	if err != nil {
		return pt, err
	}
	def, err := action(p.Default)
	if err != nil {
		return pt, err
	}
	f, err := newFilter(scmp, def)
	if err != nil {
		return pt, err
	}
	defer f.Release()
	added := 0
	for i, rule := range p.Rules {
		act, err := action(rule.Action)
		if err != nil {
			return pt, err
		}
		for _, c := range calls[i] {
			nr := c.on(scmp)
			pt.last = max(pt.last, nr)
			if act == def || (nr < 0 && c.newer) {
				continue // libseccomp takes a rule that repeats the default for a mistake
			}
			if err := add(f, c, rule.Args, act); err != nil {
				return pt, fmt.Errorf(".syscalls[%d]: %s: %s: %w", i, c.name, arch, err)
			}
			if nr >= 0 {
				added++
			}
		}
	}
	// A binary tree of calls makes long filters faster. libseccomp 2.5 writes
	// a wrong one for a filter without rules.
	if added > 32 {
		if err := f.SetOptimize(2); err != nil {
			return pt, fmt.Errorf(": %s: optimize: %w", arch, err)
		}
	}
	if pt.program, err = export(f); err != nil {
		return pt, fmt.Errorf(": %s: generate the filter: %w", arch, err)
	}
	return pt, nil
}

// newFilter makes an empty filter for one architecture only.
func newFilter(arch seccomp.ScmpArch, def seccomp.ScmpAction) (*seccomp.ScmpFilter, error) {
	f, err := seccomp.NewFilter(def)
	if err != nil {
		return nil, fmt.Errorf(": new filter: %w", err)
	}
	if native, err := seccomp.GetNativeArch(); err != nil || arch != native {
		if err == nil {
			err = f.RemoveArch(native)
		}
		if err == nil {
			err = f.AddArch(arch)
		}
		if err != nil {
			f.Release()
			return nil, fmt.Errorf(".architectures: add: %w", err)
		}
	}
	return f, nil
}
