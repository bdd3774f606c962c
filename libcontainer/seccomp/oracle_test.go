package seccomp

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

func numbers(t testing.TB, name specs.Arch) *oracle.Arch {
	t.Helper()
	a, err := oracle.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// agree runs a filter on many calls of an architecture and compares its answers
// with the meaning of the profile. forgive names calls whose answer is not
// judged.
func agree(t *testing.T, p *specs.LinuxSeccomp, prog []byte, a *oracle.Arch, forgive func(nr uint32) bool) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	values := interesting(p)
	wrong := 0
	for _, nr := range callsOf(p, a) {
		if forgive != nil && forgive(nr) {
			continue
		}
		for range 40 {
			c := oracle.Call{Nr: nr, Arch: a.Audit, IP: rnd.Uint64()}
			for i := range c.Args {
				c.Args[i] = values[rnd.IntN(len(values))]
			}
			wants, err := oracle.Wants(p, a, c)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := oracle.Run(prog, c)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(wants, got) {
				if wrong++; wrong > 5 {
					t.Fatal("and more")
				}
				t.Errorf("%s call %d(%#x): the filter answers %#x, the profile wants %#x", a.Name, nr, c.Args, got, wants)
			}
		}
	}
}

// interesting are the values that a profile's conditions mention, and those
// around them, whole and with only one half.
func interesting(p *specs.LinuxSeccomp) []uint64 {
	values := []uint64{0, 1, 1 << 31, 1 << 32, 1<<32 + 1, 1<<64 - 1}
	for _, s := range p.Syscalls {
		for _, arg := range s.Args {
			for _, v := range []uint64{arg.Value, arg.ValueTwo} {
				values = append(values, v, v-1, v+1, v|1<<40, v<<32, v>>32, ^v, v&0xffffffff)
			}
		}
	}
	return values
}

// callsOf are all the calls that the architecture has and some that it has not.
func callsOf(p *specs.LinuxSeccomp, a *oracle.Arch) []uint32 {
	var top uint32
	var nrs []uint32
	for _, nr := range a.Numbers {
		nrs = append(nrs, nr)
		top = max(top, nr)
	}
	nrs = append(nrs, top+1, top+2, top+100, top+1<<20, top+1<<29)
	slices.Sort(nrs)
	return slices.Compact(nrs)
}

// insns is how many instructions a program has.
func insns(prog []byte) int { return len(prog) / 8 }

// jumps counts the unconditional jumps further than a conditional one can go.
func longJumps(prog []byte) int {
	n := 0
	for ; len(prog) >= 8; prog = prog[8:] {
		if binary.NativeEndian.Uint16(prog) == 0x05 && binary.NativeEndian.Uint32(prog[4:]) > 255 {
			n++
		}
	}
	return n
}

// insnBytes is one instruction without conditional jumps.
func insnBytes(code uint16, k uint32) []byte {
	b := binary.NativeEndian.AppendUint16(nil, code)
	return binary.NativeEndian.AppendUint32(append(b, 0, 0), k)
}
