package rootfs

import (
	"bytes"
	"errors"
	"fmt"
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
