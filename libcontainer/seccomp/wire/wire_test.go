package wire

import (
	"errors"
	"reflect"
	"testing"
)

func write(p *Profile) []byte {
	b := AppendHead(nil, p.Default, p.Archs, len(p.Rules))
	for _, r := range p.Rules {
		b = AppendRule(b, r.Action, len(r.Args))
		for _, a := range r.Args {
			b = AppendArg(b, a)
		}
		b = AppendNames(b, r.Names)
	}
	return b
}

var example = &Profile{
	Default: 0x50001, Archs: []Arch{X86, X86_64, SHEB},
	Rules: []Rule{
		{Action: 0x7fff0000, Names: []string{"read", "write"}},
		{Action: 0x30000, Args: []Arg{{0, EQ, 1 << 40, 0}, {5, MaskedEQ, 7, 3}}, Names: []string{"ioctl"}},
	},
}

func TestReadUndoesAppend(t *testing.T) {
	got, err := Read(write(example))
	if err != nil || !reflect.DeepEqual(got, example) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEveryCutProfileIsMalformed(t *testing.T) {
	b := write(example)
	for n := range b {
		if _, err := Read(b[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
}

func TestWordsAreFoundUnderTheirNumbers(t *testing.T) {
	if len(ArchNames) != int(archEnd) || len(OpNames) != int(opEnd) {
		t.Fatalf("%d architectures, %d operators", len(ArchNames), len(OpNames))
	}
	for i, name := range ArchNames {
		if a, ok := ArchOf(name); !ok || int(a) != i || a.String() != name {
			t.Errorf("%s: %d", name, a)
		}
	}
	for i, name := range OpNames {
		if o, ok := OpOf(name); !ok || int(o) != i || o.String() != name {
			t.Errorf("%s: %d", name, o)
		}
	}
	if X86_64.String() != "SCMP_ARCH_X86_64" || SHEB.String() != "SCMP_ARCH_SHEB" || MaskedEQ.String() != "SCMP_CMP_MASKED_EQ" {
		t.Error("the order of words and numbers differs")
	}
}

// FuzzRead: whatever is accepted is what would be written for it.
func FuzzRead(f *testing.F) {
	b := write(example)
	f.Add(b)
	f.Add(b[:20])
	f.Add([]byte(Magic + "\x00\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Read(b)
		if err != nil {
			return
		}
		if again := write(p); string(again) != string(b) {
			t.Errorf("%q reads as %+v", b, p)
		}
	})
}
