package seccomp

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// benchProfiles are Docker's default profile with the machine's own
// architecture and with all that Docker lists.
func benchProfiles(b *testing.B) map[string]*specs.LinuxSeccomp {
	one := docker(b)
	one.Architectures = nil
	return map[string]*specs.LinuxSeccomp{"own": one, "all": docker(b)}
}

// A start whose filter is in the cache.
func BenchmarkCacheHit(b *testing.B) {
	embed(b)
	for name, p := range benchProfiles(b) {
		b.Run(name, func(b *testing.B) {
			o := Options{CacheDir: b.TempDir(), Warn: func(err error) { b.Error(err) }}
			b.ReportAllocs()
			for range b.N {
				if _, err := Load(p, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A start whose filter is not, the compiler's whole process included.
func BenchmarkCompile(b *testing.B) {
	embed(b)
	for name, p := range benchProfiles(b) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, err := Load(p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCanonicalForm(b *testing.B) {
	p := docker(b)
	for range b.N {
		if _, _, err := appendProfile(make([]byte, 0, 8<<10), p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckReporting(b *testing.B) {
	prog := load(b, docker(b)).Program
	for b.Loop() {
		if _, err := CheckReporting(prog); err != nil {
			b.Fatal(err)
		}
	}
}
