package devfilter

import (
	"math/rand/v2"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// The encoded program decides as the policy does, for random policies and requests near their rules.
func TestFilterDecidesAsThePolicyDoes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		raw, l := randomPolicy(rnd)
		code := encode(l)
		for range 60 {
			typ := devrules.Types(1 + rnd.IntN(2))
			major, minor := pick(rnd, numbers), pick(rnd, numbers)
			access := devrules.Access(rnd.IntN(8))
			want := raw.Allows(typ, major, minor, access)
			if got := l.Allows(typ, major, minor, access); got != want {
				t.Fatalf("canonical list: %v\nraw: %v\nrequest %v %d:%d %v: got %v, want %v", l, raw, typ, major, minor, access, got, want)
			}
			if got := interpret(t, code, typ, major, minor, access); got != want {
				t.Fatalf("program of %v\nrequest %v %d:%d %v: got %v, want %v\n%s", l, typ, major, minor, access, got, want, listing(disassemble(t, code)))
			}
		}
	}
}

var numbers = []int64{0, 1, 3, 31, 32, 33, 63, 136, 4095}

func pick(rnd *rand.Rand, from []int64) int64 { return from[rnd.IntN(len(from))] }

// randomPolicy returns the rules as they came, and as devrules keeps them.
func randomPolicy(rnd *rand.Rand) (raw, canonical devrules.List) {
	for range rnd.IntN(12) {
		r := devrules.Rule{
			Allow:  rnd.IntN(2) == 0,
			Types:  devrules.Types(1 + rnd.IntN(3)),
			Major:  devrules.Any,
			Minor:  devrules.Any,
			Access: devrules.Access(1 + rnd.IntN(7)),
		}
		if rnd.IntN(4) > 0 {
			r.Major = pick(rnd, numbers)
		}
		if rnd.IntN(3) > 0 {
			r.Minor = pick(rnd, numbers)
		}
		if rnd.IntN(20) == 0 {
			r = devrules.Rule{Allow: r.Allow, Types: devrules.Both, Major: devrules.Any, Minor: devrules.Any, Access: devrules.All}
		}
		raw.Rules = append(raw.Rules, r)
		canonical.Add(r)
	}
	return raw, canonical
}

// TestLargestNumbersFitTheKey guards the layout of the key at its edges.
func TestLargestNumbersFitTheKey(t *testing.T) {
	major, minor := int64(4095), int64(1<<20-1)
	l, err := devrules.Container([]specs.LinuxDeviceCgroup{{Allow: true, Type: "b", Major: &major, Minor: &minor, Access: "r"}})
	if err != nil {
		t.Fatal(err)
	}
	code := encode(l)
	for _, c := range []struct {
		typ          devrules.Types
		major, minor int64
		want         bool
	}{
		{devrules.Block, 4095, 1<<20 - 1, true},
		{devrules.Block, 4095, 1<<20 - 2, false},
		{devrules.Block, 4095, 31, false},
		{devrules.Block, 4094, 1<<20 - 1, false},
		{devrules.Char, 4095, 1<<20 - 1, false},
	} {
		if got := interpret(t, code, c.typ, c.major, c.minor, devrules.Read); got != c.want {
			t.Errorf("%v %d:%d: allowed %v, want %v", c.typ, c.major, c.minor, got, c.want)
		}
	}
}
