package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// allowRead is a profile that allows only read, on one architecture.
func allowRead(arch wire.Arch) []byte {
	b := wire.AppendHead(nil, unix.SECCOMP_RET_ERRNO|1, []wire.Arch{arch}, 1)
	b = wire.AppendRule(b, unix.SECCOMP_RET_ALLOW, 0)
	return wire.AppendNames(b, []string{"read"})
}

func TestWhatIsNoProfileIsRefused(t *testing.T) {
	good := allowRead(wire.X86_64)
	for name, in := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-1], "more": append(bytes.Clone(good), 0), "JSON": []byte(`{"defaultAction":""}`),
	} {
		var out bytes.Buffer
		if err := run(bytes.NewReader(in), &out); !errors.Is(err, wire.ErrMalformed) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
	if err := run(iotest.ErrReader(errors.New("broken")), nil); err == nil || err.Error() != "seccomp profile: read: broken" {
		t.Errorf("%v", err)
	}
}

func TestValuesThatAreNoActionAreRefused(t *testing.T) {
	b := wire.AppendHead(nil, 0x12345678, []wire.Arch{wire.X86_64}, 0)
	if err := run(bytes.NewReader(b), nil); err == nil || err.Error() != "linux.seccomp: 0x12345678 is no action" {
		t.Errorf("%v", err)
	}
}

func TestTheSameProfileMakesTheSameFilter(t *testing.T) {
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := run(bytes.NewReader(allowRead(wire.X86_64)), out); err != nil {
			t.Fatal(err)
		}
	}
	if first.Len() == 0 || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("%x\n%x", first.Bytes(), second.Bytes())
	}
}

func TestTheVersionIsThatOfTheLibrary(t *testing.T) {
	if v := version(); !strings.HasPrefix(v, "2.") || strings.Count(v, ".") != 2 {
		t.Error(v)
	}
}
