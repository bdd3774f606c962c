package systemd

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/dbus"
	"github.com/creel-project/creel/internal/dbus/gvariant"
	"github.com/creel-project/creel/internal/numlist"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// property is a setting of a unit.
type property struct {
	name  string
	value dbus.Value
}

func values(list []property) dbus.Value {
	array := dbus.Array("(sv)")
	for _, p := range list {
		array.Items = append(array.Items, dbus.Struct(dbus.String(p.name), dbus.Variant(p.value)))
	}
	return array
}

// scopeProperties are those that the scope of a process is made with. What the config says comes last, and so prevails.
func (g *Group) scopeProperties(pid int) ([]property, error) {
	list := []property{
		{"Description", dbus.String(g.description)},
		{"Slice", dbus.String(g.unit.Slice)},
		{"Delegate", dbus.Bool(true)},
		{"PIDs", dbus.Array("u", dbus.Uint32(uint32(pid)))},
		// Without it every scope would wait for the machine's start, and end before everything else at its end.
		{"DefaultDependencies", dbus.Bool(false)},
		// A scope that ended badly is nobody's to look at: the container's state tells.
		{"CollectMode", dbus.String("inactive-or-failed")},
		{"MemoryAccounting", dbus.Bool(true)},
		{"CPUAccounting", dbus.Bool(true)},
		{"IOAccounting", dbus.Bool(true)},
		{"TasksAccounting", dbus.Bool(true)},
	}
	if g.oomGroup {
		list = append(list, property{"OOMPolicy", dbus.String("kill")})
	}
	if g.onV1() {
		policy, err := devrules.Container(g.devices)
		if err != nil {
			return nil, err
		}
		properties, unsaid := deviceProperties(policy)
		if len(unsaid) > 0 {
			g.warn(fmt.Sprintf("linux.resources.devices: %s: in force until systemd is loaded again, which knows no such rule", strings.Join(unsaid, ", ")))
		}
		list = append(list, properties...)
	}
	for _, name := range slices.Sorted(maps.Keys(g.properties)) {
		p, err := parse(name, g.properties[name])
		if err != nil {
			return nil, fmt.Errorf("annotations[\"org.systemd.property.%s\"] %q: %w", name, g.properties[name], err)
		}
		list = append(list, p)
	}
	return list, nil
}

// parse reads a property whose value is GVariant text. systemd's unit files know times in seconds, its properties in
// microseconds only: FooSec becomes FooUSec.
func parse(name, text string) (property, error) {
	v, err := gvariant.Parse(text)
	if err != nil {
		return property{}, err
	}
	base, ok := strings.CutSuffix(name, "Sec")
	if !ok || base == "" || base[len(base)-1] < 'a' || base[len(base)-1] > 'z' {
		return property{name, v}, nil
	}
	usec, err := microseconds(v)
	return property{base + "USec", dbus.Uint64(usec)}, err
}

func microseconds(v dbus.Value) (uint64, error) {
	var s float64
	switch v.Signature {
	case "y", "q", "u", "t":
		s = float64(v.Bits)
	case "n", "i", "x":
		s = float64(int64(v.Bits))
	case "d":
		s = math.Float64frombits(v.Bits)
	default:
		return 0, errors.New("a time in seconds is a number")
	}
	if math.IsNaN(s) || s < 0 || s*1e6 >= math.MaxUint64 {
		return 0, errors.New("a time in seconds is a number that is not negative, and as microseconds fits 64 bits")
	}
	return uint64(math.Round(s * 1e6)), nil
}

// number is a property with a decimal number.
func number(name, text string) property {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > math.MaxInt64-1<<16 { // "max"; v1 counts in pages, and so has a maximum below 2^63
		n = math.MaxUint64
	}
	return property{name, dbus.Uint64(n)}
}

// bits is a property with a list of numbers: number n is bit n%8 of byte n/8.
func bits(name, list string) property {
	var out []byte
	if m, err := numlist.Parse(list, numlist.CPUs); err == nil {
		out = make([]byte, 8*len(m))
		for n := range 64 * len(m) {
			if m.Has(n) {
				out[n/8] |= 1 << (n % 8)
			}
		}
	}
	return property{name, dbus.Bytes(bytes.TrimRight(out, "\x00"))}
}
