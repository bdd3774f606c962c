package libcontainer

import (
	"path/filepath"

	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// cacheName is a directory beside the containers; no id has a '@'.
const cacheName = "@cache"

// startFilter finds the filter of linux.seccomp in the cache, or begins to
// compile it.
func (rt *Runtime) startFilter(s *specs.Spec) (*seccomp.Pending, error) {
	if s.Linux == nil || s.Linux.Seccomp == nil {
		return nil, nil
	}
	p, err := seccomp.Start(s.Linux.Seccomp, seccomp.Options{
		CacheDir: filepath.Join(rt.Root, cacheName, "seccomp"),
		Executes: true,
		Warn:     func(err error) { rt.warn(err.Error()) },
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// takeFilter waits for the filter.
func (b *boot) takeFilter() (compile.Filter, error) {
	if b.filter == nil {
		return compile.Filter{}, nil
	}
	p := b.filter
	b.filter = nil
	f, err := p.Wait()
	if err != nil || f == nil {
		return compile.Filter{}, err
	}
	return compile.Filter{Program: f.Program, Flags: f.Flags}, nil
}
