package main

import (
	"reflect"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

func TestPropertiesGetTheTypesOfDBus(t *testing.T) {
	for _, test := range []struct {
		p    wire.Property
		name string
		want any
	}{
		{wire.Property{Name: "Slice", Kind: wire.Text, Value: "a.slice"}, "Slice", "a.slice"},
		{wire.Property{Name: "Delegate", Kind: wire.Bool, Value: "true"}, "Delegate", true},
		{wire.Property{Name: "MemoryMax", Kind: wire.Number, Value: "18446744073709551615"}, "MemoryMax", uint64(18446744073709551615)},
		{wire.Property{Name: "PIDs", Kind: wire.Pids}, "PIDs", []uint32{7}},
		{wire.Property{Name: "AllowedCPUs", Kind: wire.Bits, Value: "0-2,9"}, "AllowedCPUs", []byte{7, 2}},
		{wire.Property{Name: "AllowedCPUs", Kind: wire.Bits}, "AllowedCPUs", []byte{}},
		{wire.Property{Name: "DeviceAllow", Kind: wire.Allowed, Value: "/dev/null rw\nchar-pts rwm"}, "DeviceAllow", []permitted{{"/dev/null", "rw"}, {"char-pts", "rwm"}}},
		{wire.Property{Name: "TimeoutStopUSec", Value: "uint64 5"}, "TimeoutStopUSec", uint64(5)},
		{wire.Property{Name: "After", Value: "['a', 'b']"}, "After", []string{"a", "b"}},
		{wire.Property{Name: "TimeoutStopSec", Value: "1.5"}, "TimeoutStopUSec", uint64(1500000)},
		{wire.Property{Name: "TimeoutStopSec", Value: "uint16 3"}, "TimeoutStopUSec", uint64(3000000)},
		{wire.Property{Name: "Description", Value: "'é𝄞\"'"}, "Description", "é𝄞\""},
		{wire.Property{Name: "Sec", Value: "true"}, "Sec", true},
	} {
		got, err := convertOne(test.p, []uint32{7})
		if err != nil || got.Name != test.name || !reflect.DeepEqual(got.Value.Value(), test.want) {
			t.Errorf("%+v: %s %v, %v", test.p, got.Name, got.Value, err)
		}
	}
}

func TestValuesThatAreNoneAreErrors(t *testing.T) {
	for _, p := range []wire.Property{
		{Name: "X", Kind: wire.Bool, Value: "maybe"}, {Name: "X", Kind: wire.Number, Value: "-1"}, {Name: "X", Kind: wire.Bits, Value: "a"},
		{Name: "X", Kind: wire.Allowed, Value: "/dev/null"}, {Name: "X", Kind: "?", Value: ""}, {Name: "X", Value: ""}, {Name: "X", Value: "uint64"},
		{Name: "WaitSec", Value: "'a'"}, {Name: "WaitSec", Value: "-1"}, {Name: "WaitSec", Value: "1e300"}, {Name: "X", Value: "[1, 'a']"}, {Name: "X", Value: "('a', 1)"},
		{Name: "X", Value: "²\xd0e 1"}, {Name: "X", Value: "@nana{sv} {}"}, {Name: "X", Value: "@a{vv} {}"}, {Name: "X", Value: "é"}, {Name: "X", Value: "'\xff'"},
	} {
		if got, err := convertOne(p, nil); err == nil {
			t.Errorf("%+v: %v", p, got.Value)
		}
	}
}

func FuzzAnnotations(f *testing.F) {
	for _, text := range []string{"uint64 5", "['a', 'b']", "1.5", "@ay [1, 2]", "b'x'", "{'a': <1>}", "('a', 1)", "\"\\u00e9\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := convertOne(wire.Property{Name: "ASec", Value: text}, nil)
		if err == nil && p.Name == "" {
			t.Errorf("%q: %+v", text, p)
		}
	})
}
