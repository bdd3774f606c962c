package rootfs

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

func TestNamesOfDirectoriesAreLimited(t *testing.T) {
	var many []item
	for i := range 10 {
		many = append(many, item{kind: 'd', name: fmt.Sprintf("%s%d", strings.Repeat("x", 99), i)})
	}
	data := archive(t, many...)
	for room, ok := range map[int64]bool{10 * 100: true, 10*100 - 1: false} {
		root, err := Make(t.TempDir() + "/r")
		if err != nil {
			t.Fatal(err)
		}
		x := New(root, Options{Rootless: true})
		x.kept = maxKept - room
		for range 2 { // what is there already needs no more
			if err = x.Flat(t.Context(), bytes.NewReader(data)); err != nil {
				break
			}
		}
		var limit *LimitError
		if ok && err != nil || !ok && (!errors.As(err, &limit) || limit.Limit != maxKept) {
			t.Errorf("with room for %d: %v", room, err)
		}
		if err := root.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPlacesAreTold(t *testing.T) {
	p := places{}
	if !p.add("a/b") || p.add("a/b") || !p.have("a/b") || p.have("a") || p.have("") {
		t.Error(p)
	}
}

// sparseFile is the header of a file of GNU's old sparse format that is one hole.
func sparseFile(size uint64) []byte {
	h := make([]byte, 512)
	for at, text := range map[int]string{0: "f", 100: "0000644", 108: "0000000", 116: "0000000", 124: "00000000000", 136: "00000000000", 156: "S", 257: "ustar  "} {
		copy(h[at:], text)
	}
	h[483] = 0x80 // its size is a binary number
	binary.BigEndian.PutUint64(h[487:], size)
	sum := 8 * int(' ') // in the place of itself
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

func TestTheSizeOfASparseFileIsNotTooLargeToBeAdded(t *testing.T) {
	root, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var limit *LimitError
	x := New(root, Options{Rootless: true, Limits: Limits{Bytes: 1 << 20}})
	if err := x.Layer(t.Context(), bytes.NewReader(sparseFile(math.MaxInt64))); !errors.As(err, &limit) {
		t.Error(err)
	}
}

// ending ends a context when it is read.
type ending struct {
	io.Reader
	end context.CancelFunc
}

func (e ending) Read(p []byte) (int, error) {
	defer e.end()
	return e.Reader.Read(p)
}

func TestAHoleCanBeInterrupted(t *testing.T) {
	root, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	ctx, end := context.WithCancel(t.Context())
	if err := New(root, Options{Rootless: true}).Layer(ctx, ending{bytes.NewReader(sparseFile(8 << 40)), end}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNamesOfAttributesAreLimited(t *testing.T) {
	root, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	long := strings.Repeat("x", 1<<17)
	x := New(root, Options{Rootless: true})
	if err := x.Layer(t.Context(), bytes.NewReader(archive(t, item{kind: '-', name: "f", xattrs: map[string]string{"trusted.overlay." + long: ""}}))); err != nil {
		t.Fatal(err)
	}
	if l := x.Report().LeftOut; len(l) != 1 || len(l[0].What) > 400 {
		t.Errorf("%d of the report", len(l))
	}
	err = x.Layer(t.Context(), bytes.NewReader(archive(t, item{kind: '-', name: "f", xattrs: map[string]string{"user." + long: ""}})))
	if err == nil || len(err.Error()) > 200 || !strings.Contains(err.Error(), "a name of 131077 bytes") {
		t.Errorf("%.300v", err)
	}
}
