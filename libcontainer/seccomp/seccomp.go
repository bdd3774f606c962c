// Package seccomp turns linux.seccomp of the runtime specification into a
// filter for seccomp(2), and remembers compiled filters.
//
// libseccomp does the compiling, in a program of its own (cmd/creel-seccomp)
// that runs only when the cache does not hold the filter: linking it here would
// cost every creel command half a millisecond.
package seccomp

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Filter is a compiled filter, ready for seccomp(2).
type Filter struct {
	// Program is an array of struct sock_filter, 8 bytes each, at most MaxProgram bytes.
	Program []byte
	// Flags are SECCOMP_FILTER_FLAG_*; NEW_LISTENER is among them when the profile notifies.
	Flags uint32
	// Notify says that the profile uses SCMP_ACT_NOTIFY: loading the filter makes a listener.
	Notify bool
}

// Options say where compiled filters are kept and who compiles them.
type Options struct {
	// CacheDir holds the cache; it is made when needed. Empty means no cache.
	CacheDir string
	// CompilerPath is the profile compiler to run. Empty means the embedded
	// one, or without the build tag creel_embed the installed one.
	CompilerPath string
	// Compiler replaces the program altogether: it gets a profile in the form
	// of package wire. Its results are cached only under a CompilerID.
	Compiler   func(profile []byte) ([]byte, error)
	CompilerID string
	// Executes says that a process is executed under the filter: one that always
	// refuses execve(2) is an error, and never cached.
	Executes bool
	// Warn receives what went wrong with the cache, which never fails Load. Nil discards.
	Warn func(error)
}

// Load returns the filter of a profile, from the cache or compiled. It returns
// nil for a profile without default action and rules, which means no filter.
func Load(p *specs.LinuxSeccomp, o Options) (*Filter, error) {
	pending, err := Start(p, o)
	if err != nil {
		return nil, err
	}
	return pending.Wait()
}

// Pending is a filter that may still be compiling.
type Pending struct {
	filter *Filter
	cache  entry
	job    *job
	opts   Options
}

// Start is Load in two steps: when the cache does not hold the filter, the
// profile compiler is left running and Wait collects its result. Wait must be
// called, also when the result is no longer wanted. An error of Start has a line
// for each mistake in the profile.
func Start(p *specs.LinuxSeccomp, o Options) (*Pending, error) {
	if p == nil || (p.DefaultAction == "" && len(p.Syscalls) == 0) {
		return &Pending{}, nil
	}
	// Docker's default profile takes 6 kB; a larger one moves the slice.
	key, uses, mistakes := appendProfile(make([]byte, 0, 8<<10), p)
	actions := kernelActions()
	flags, err := filterFlags(p.Flags, uses.notify)
	if err := errors.Join(mistakes, uses.check(p, actions), err); err != nil {
		return nil, err
	}
	comp, err := findCompiler(o)
	if err != nil {
		return nil, err
	}
	profile := key
	w := &Pending{filter: &Filter{Flags: flags, Notify: uses.notify}, opts: o}
	if o.CacheDir != "" && comp.id == "" {
		w.warn(errors.New("nothing is cached, because the profile compiler has no build id"))
	} else if o.CacheDir != "" {
		w.cache = newEntry(o.CacheDir, appendKeyTail(key, comp.id, actions))
		if w.filter.Program = w.cache.load(); w.filter.Program != nil {
			return w, nil
		}
	}
	w.job, err = comp.start(profile)
	return w, err
}

// Wait returns the filter.
func (w *Pending) Wait() (*Filter, error) {
	if w.job == nil {
		return w.filter, nil
	}
	prog, err := w.job.wait()
	w.job = nil
	if err != nil {
		return nil, err
	}
	if err := verify(prog); err != nil {
		return nil, fmt.Errorf("linux.seccomp: compiled filter: %w", err)
	}
	if w.opts.Executes {
		if err := letsExecute(prog); err != nil {
			return nil, err
		}
	}
	w.filter.Program = prog
	if w.cache.name != "" {
		if err := w.cache.store(prog); err != nil {
			w.warn(err)
		}
	}
	return w.filter, nil
}

func (w *Pending) warn(err error) {
	if w.opts.Warn != nil {
		w.opts.Warn(fmt.Errorf("seccomp filter cache %s: %w", w.opts.CacheDir, err))
	}
}
