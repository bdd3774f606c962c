// Package devrules turns linux.resources.devices into the shortest list of rules that means the same (runtime-spec,
// config-linux.md, "Allowed Device list").
package devrules

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Access is a set of the things one can do to a device, with the kernel's bits (BPF_DEVCG_ACC_*).
type Access uint8

// The bits of Access.
const (
	Mknod Access = 1 << iota
	Read
	Write
	All = Mknod | Read | Write
)

// Types is a set of device types, with the kernel's bits (BPF_DEVCG_DEV_*).
type Types uint8

// The bits of Types.
const (
	Block Types = 1 << iota
	Char
	Both = Block | Char
)

// Any stands for every major or minor number.
const Any int64 = -1

// The largest numbers that a Linux dev_t holds.
const (
	maxMajor = 1<<12 - 1
	maxMinor = 1<<20 - 1
)

// Rule allows or denies some access to some devices.
type Rule struct {
	Allow        bool
	Types        Types
	Major, Minor int64
	Access       Access
}

// everything says whether the rule decides about all access to all devices.
func (r Rule) everything() bool {
	return r.Types == Both && r.Major == Any && r.Minor == Any && r.Access == All
}

// coversDevices says whether every device that o is about is one that r is about.
func (r Rule) coversDevices(o Rule) bool {
	return o.Types&^r.Types == 0 && (r.Major == Any || r.Major == o.Major) && (r.Minor == Any || r.Minor == o.Minor)
}

// overlaps says whether there is some access to some device that both are about.
func (r Rule) overlaps(o Rule) bool {
	return r.Types&o.Types != 0 && r.Access&o.Access != 0 &&
		(r.Major == Any || o.Major == Any || r.Major == o.Major) &&
		(r.Minor == Any || o.Minor == Any || r.Minor == o.Minor)
}

// String writes the rule as cgroup v1 does: "c 1:3 rwm"; both types are "a".
func (r Rule) String() string {
	typ := [...]string{"?", "b", "c", "a"}[r.Types&Both]
	return typ + " " + number(r.Major) + ":" + number(r.Minor) + " " + r.Access.String()
}

// String writes the bits in the kernel's order, "rwm".
func (a Access) String() string {
	var buf [3]byte
	out := buf[:0]
	for i, bit := range [...]Access{Read, Write, Mknod} {
		if a&bit != 0 {
			out = append(out, "rwm"[i])
		}
	}
	return string(out)
}

// Parse reads one entry of linux.resources.devices. The error does not name the entry.
func Parse(d *specs.LinuxDeviceCgroup) (Rule, error) {
	r := Rule{Allow: d.Allow, Major: Any, Minor: Any}
	switch d.Type {
	case "", "a":
		r.Types = Both
	case "b":
		r.Types = Block
	case "c":
		r.Types = Char
	default:
		return r, fmt.Errorf("type %q is none of a (all), b (block) and c (char)", d.Type)
	}
	if d.Major != nil {
		r.Major = *d.Major
	}
	if d.Minor != nil {
		r.Minor = *d.Minor
	}
	if r.Major < Any || r.Major > maxMajor {
		return r, fmt.Errorf("major %d is neither -1 (any) nor in 0-%d", r.Major, maxMajor)
	}
	if r.Minor < Any || r.Minor > maxMinor {
		return r, fmt.Errorf("minor %d is neither -1 (any) nor in 0-%d", r.Minor, maxMinor)
	}
	return r, parseAccess(d.Access, &r.Access)
}

func parseAccess(text string, a *Access) error {
	if text == "" {
		return fmt.Errorf("access is empty, it needs some of r (read), w (write) and m (mknod)")
	}
	for i := range len(text) {
		switch text[i] {
		case 'r':
			*a |= Read
		case 'w':
			*a |= Write
		case 'm':
			*a |= Mknod
		default:
			return fmt.Errorf("access %q has %q, which is none of r (read), w (write) and m (mknod)", text, text[i:i+1])
		}
	}
	return nil
}
