package compile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// manyMounts are n mounts, a third of which become read-only late.
func manyMounts(n int) *specs.Spec {
	s := small()
	for i := range n {
		m := specs.Mount{Destination: fmt.Sprintf("/data/%d", i), Type: "tmpfs", Source: "tmpfs", Options: []string{"ro"}}
		if i%3 > 0 {
			m.Type, m.Source, m.Options = "bind", "/srv", []string{"bind", "nosuid"}
		}
		s.Mounts = append(s.Mounts, m)
	}
	return s
}

func TestTheOperationsOfMountsGrowWithTheirNumber(t *testing.T) {
	ops := func(n int) int {
		p, err := Compile(baseInput(manyMounts(n)))
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Ops)
	}
	none := ops(0)
	if few, many := ops(1500)-none, ops(6000)-none; few < 1500 || many != 4*few {
		t.Errorf("%d ops for 1500 mounts, %d for 6000", few, many)
	}
}

func TestAMountIsCoveredByALaterOneOnItsPlaceOrAboveIt(t *testing.T) {
	names := []string{"/", "/a", "/a/b", "/a/b/c", "/ab", "/b", "/b/a"}
	for range 300 {
		b := &builder{Input: baseInput(small())}
		for range 1 + rand.IntN(8) {
			m := specs.Mount{Destination: names[rand.IntN(len(names))], Type: "tmpfs"}
			if rand.IntN(4) == 0 {
				m.Options = []string{"remount"}
			}
			b.Spec.Mounts = append(b.Spec.Mounts, m)
		}
		b.readMounts()
		for i := range b.list {
			m, want := &b.list[i], false
			for k := range b.list[i+1:] {
				over := &b.list[i+1+k]
				above := over.dest == "/" || strings.HasPrefix(m.dest+"/", over.dest+"/")
				want = want || above && !over.Remount
			}
			if got := b.covered(m); got != want {
				t.Fatalf("mount %d of %+v: %t", i, b.Spec.Mounts, got)
			}
		}
	}
}

func BenchmarkCompileOfFiveThousandMounts(b *testing.B) {
	in := baseInput(manyMounts(5000))
	for b.Loop() {
		if _, err := Compile(in); err != nil {
			b.Fatal(err)
		}
	}
}
