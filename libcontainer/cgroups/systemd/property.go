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

// newer are those of a scope without which it is made where systemd does not know them: CollectMode came with 236, OOMPolicy
// with 253, before which memory.oom.group is left alone; accounting is not optional any more in later ones.
func newer(p property) bool {
	return p.name == "CollectMode" || p.name == "OOMPolicy" || strings.HasSuffix(p.name, "Accounting")
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
		{"TasksAccounting", dbus.Bool(true)},
	}
	if g.oomGroup {
		list = append(list, property{"OOMPolicy", dbus.String("kill")})
	}
	if !g.onV1() {
		list = append(list, property{"IOAccounting", dbus.Bool(true)})
	} else {
		list = append(list, property{"BlockIOAccounting", dbus.Bool(true)}) // with the other one, BlockIOWeight has no effect
		policy, err := devrules.Container(g.devices)
		if err != nil {
			return nil, err
		}
		properties, unsaid := deviceProperties(policy)
		if len(unsaid) > 0 {
			g.warn(fmt.Sprintf("linux.resources.devices: %s: in force until systemd sets the devices again, which knows no such rule", strings.Join(unsaid, ", ")))
			g.unsaid = true
		}
		list = append(list, properties...)
	}
	for _, name := range slices.Sorted(maps.Keys(g.properties)) {
		p, err := parse(name, g.properties[name])
		if p.name == "Description" && p.value.Signature == "s" {
			g.description = p.value.Text
		}
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

// bfqNumber is one with the weight of the BFQ scheduler (1 to 1000), which systemd makes from its own (1 to 10000): both have 100
// in the middle, and are proportional on either side of it.
func bfqNumber(name, text string) property {
	p := number(name, text)
	if w := p.value.Bits; w > 100 && w <= 1000 {
		p.value = dbus.Uint64(100 + (w-100)*11)
	}
	return p
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
