package main

import (
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/seccomp/libseccomp-golang"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

// nativeNumbers are the calls that golang.org/x/sys knows on this machine.
func nativeNumbers(t *testing.T) map[string]uint32 {
	t.Helper()
	arch, err := seccomp.GetNativeArch()
	if err != nil {
		t.Fatal(err)
	}
	word := specs.Arch("SCMP_ARCH_" + strings.ToUpper(arch.String()))
	if arch == seccomp.ArchAMD64 {
		word = specs.ArchX86_64
	} else if arch == seccomp.ArchARM64 {
		word = specs.ArchAARCH64
	}
	a, err := oracle.Load(word)
	if err != nil {
		t.Fatal(err)
	}
	return a.Numbers
}

func TestEveryCallOfTheLastYearsHasANumber(t *testing.T) {
	for name, want := range nativeNumbers(t) {
		nr, err := seccomp.GetSyscallFromName(name)
		if err != nil || nr < 0 {
			var ok bool
			if nr, ok = newerCall(name); !ok && want < 440 {
				continue // older calls that libseccomp knows by another name
			}
		}
		if uint32(nr) != want {
			t.Errorf("%s: %d, want %d", name, nr, want)
		}
	}
}

func TestNumbersOfNewerCallsAreTheKernels(t *testing.T) {
	numbers := nativeNumbers(t)
	for _, list := range [][]numbered{newerCalls[:], newerNative[:]} {
		for _, c := range list {
			if want, ok := numbers[c.name]; !ok || uint32(c.nr) != want {
				t.Errorf("%s: %d, want %d", c.name, c.nr, want)
			}
			if nr, err := seccomp.GetSyscallFromName(c.name); err == nil && nr >= 0 && nr != c.nr {
				t.Errorf("%s: %d, but libseccomp says %d", c.name, c.nr, nr)
			}
		}
	}
}
