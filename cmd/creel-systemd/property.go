package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
	"github.com/godbus/dbus/v5"
)

// convert gives the properties of a request the types of D-Bus.
func convert(r *wire.Request) ([]property, error) {
	list := make([]property, len(r.Properties))
	for i, p := range r.Properties {
		var err error
		if list[i], err = convertOne(p, r.Pids); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", p.Name, p.Value, err)
		}
	}
	return list, nil
}

func convertOne(p wire.Property, pids []uint32) (property, error) {
	var value any
	var err error
	switch p.Kind {
	case wire.Text:
		value = p.Value
	case wire.Bool:
		value, err = strconv.ParseBool(p.Value)
	case wire.Number:
		value, err = strconv.ParseUint(p.Value, 10, 64)
	case wire.Pids:
		value = pids
	case wire.Bits:
		value, err = bits(p.Value)
	case wire.Allowed:
		value, err = allowed(p.Value)
	case wire.GVariant:
		return parse(p)
	default:
		err = fmt.Errorf("kind %q is unknown", p.Kind)
	}
	if err != nil {
		return property{}, err
	}
	return property{p.Name, dbus.MakeVariant(value)}, nil
}

// bits is a list of numbers as AllowedCPUs takes it: number n is bit n%8 of byte n/8.
func bits(list string) ([]byte, error) {
	if list == "" {
		return []byte{}, nil
	}
	m, err := numlist.Parse(list, numlist.CPUs)
	out := make([]byte, 8*len(m))
	for n := range 64 * len(m) {
		if m.Has(n) {
			out[n/8] |= 1 << (n % 8)
		}
	}
	return bytes.TrimRight(out, "\x00"), err
}

type permitted struct{ Device, Permissions string }

func allowed(text string) ([]permitted, error) {
	list := []permitted{}
	for line := range strings.Lines(text) {
		device, permissions, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok {
			return nil, fmt.Errorf("%q has no permissions", line)
		}
		list = append(list, permitted{device, permissions})
	}
	return list, nil
}

// parse reads GVariant text. systemd's unit files know times in seconds, its properties in microseconds only: FooSec
// becomes FooUSec.
func parse(p wire.Property) (property, error) {
	v, err := gvariant(p.Value)
	if err != nil {
		return property{}, err
	}
	base, ok := strings.CutSuffix(p.Name, "Sec")
	if !ok || base == "" || base[len(base)-1] < 'a' || base[len(base)-1] > 'z' {
		return property{p.Name, v}, nil
	}
	usec, err := microseconds(v.Value())
	return property{base + "USec", dbus.MakeVariant(usec)}, err
}

func microseconds(seconds any) (uint64, error) {
	var s float64
	switch n := seconds.(type) {
	case uint8:
		s = float64(n)
	case int16:
		s = float64(n)
	case uint16:
		s = float64(n)
	case int32:
		s = float64(n)
	case uint32:
		s = float64(n)
	case int64:
		s = float64(n)
	case uint64:
		s = float64(n)
	case float64:
		s = n
	default:
		return 0, errors.New("a time in seconds is a number")
	}
	if s < 0 || s*1e6 >= math.MaxUint64 || math.IsNaN(s) {
		return 0, errors.New("a time in seconds is a number that is not negative, and as microseconds fits 64 bits")
	}
	return uint64(math.Round(s * 1e6)), nil
}
