// Package devrules turns linux.resources.devices into the shortest list of rules that means the same (runtime-spec,
// config-linux.md, "Allowed Device list").
package devrules

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
