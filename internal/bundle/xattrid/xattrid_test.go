package xattrid

import (
	"errors"
	"strings"
	"testing"
)

func add(n uint32) Map { return func(id uint32) (uint32, error) { return id + n, nil } }

func refuse(uint32) (uint32, error) { return 0, errors.New("refused") }

const head = "\x02\x00\x00\x00"

func TestTheIdsOfAnACLAreMapped(t *testing.T) {
	value := head + "\x01\x00\x07\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00\x05\x00\x00\x00" + "\x08\x00\x04\x00\x06\x00\x00\x00" + "\x20\x00\x00\x00\xff\xff\xff\xff"
	want := head + "\x01\x00\x07\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00\x05\x01\x00\x00" + "\x08\x00\x04\x00\x06\x02\x00\x00" + "\x20\x00\x00\x00\xff\xff\xff\xff"
	got, err := ACL([]byte(value), add(0x100), add(0x200))
	if err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := ACL([]byte(value), refuse, add(0)); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("an id that cannot be mapped: %v", err)
	}
	if got, err := ACL([]byte(head), refuse, refuse); err != nil || string(got) != head {
		t.Errorf("no entries: %q, %v", got, err)
	}
}

func TestAnACLOfAnotherFormIsRefused(t *testing.T) {
	for _, value := range []string{"", "\x02", "\x01\x00\x00\x00", "\x03\x00\x00\x00", head + "\x02\x00\x04\x00"} {
		if got, err := ACL([]byte(value), add(0), add(0)); err == nil {
			t.Errorf("%q: %q", value, got)
		}
	}
}

const caps = "\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func TestTheRootOfFileCapabilitiesIsMapped(t *testing.T) {
	two, three := "\x01\x00\x00\x02"+caps, "\x01\x00\x00\x03"+caps
	for _, tt := range []struct {
		name, value, want string
		root              Map
	}{
		{"from nobody's", two, three + "\x00\x01\x00\x00", add(0x100)},
		{"to another's", three + "\x00\x01\x00\x00", three + "\x00\x03\x00\x00", add(0x200)},
		{"to nobody's", three + "\x01\x00\x00\x00", two, func(uint32) (uint32, error) { return 0, nil }},
		{"unchanged", two, two, add(0)},
	} {
		got, err := Capabilities([]byte(tt.value), tt.root)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	for _, value := range []string{"", two[:19], two + "\x00", three, "\x01\x00\x00\x01" + caps[:8], "\x01\x00\x00\x04" + caps + "\x00\x00\x00\x00"} {
		if got, err := Capabilities([]byte(value), add(1)); err == nil {
			t.Errorf("%q: %q", value, got)
		}
	}
}
