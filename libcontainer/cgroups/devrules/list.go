package devrules

import (
	"fmt"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// List is a device policy: of the rules that are about an access, the last decides; Allow decides where none is. An access
// of several kinds (opening for reading and writing) is allowed if each kind is. Rules without effect are left out.
type List struct {
	Allow bool
	Rules []Rule
}

// everyone holds the devices that any container may use: making nodes is harmless as long as they cannot be
// opened, and the rest is what the runtime itself puts into /dev (runtime-spec, "Default Devices").
var everyone = [...]Rule{
	{true, Char, Any, Any, Mknod},
	{true, Block, Any, Any, Mknod},
	{true, Char, 1, 3, All},     // null
	{true, Char, 1, 5, All},     // zero
	{true, Char, 1, 7, All},     // full
	{true, Char, 1, 8, All},     // random
	{true, Char, 1, 9, All},     // urandom
	{true, Char, 5, 0, All},     // tty
	{true, Char, 5, 1, All},     // console
	{true, Char, 5, 2, All},     // ptmx
	{true, Char, 136, Any, All}, // pts/*
}

// Container returns the policy for a container: deny all, then the rules of linux.resources.devices in their order, then
// the default devices, which therefore cannot be denied.
func Container(devices []specs.LinuxDeviceCgroup) (List, error) {
	l := List{Rules: make([]Rule, 0, len(devices)+len(everyone))}
	for i := range devices {
		r, err := Parse(&devices[i])
		if err != nil {
			return List{}, fmt.Errorf("linux.resources.devices[%d]: %w", i, err)
		}
		l.Add(r)
	}
	for _, r := range everyone {
		l.Add(r)
	}
	return l, nil
}

// Add appends a rule and drops what it makes void.
func (l *List) Add(r Rule) {
	if r.everything() {
		l.Allow, l.Rules = r.Allow, l.Rules[:0]
		return
	}
	if l.implies(r) {
		return
	}
	kept := l.Rules[:0]
	for _, old := range l.Rules {
		if r.coversDevices(old) {
			old.Access &^= r.Access
		}
		if old.Access != 0 {
			kept = append(kept, old)
		}
	}
	l.Rules = kept
	if !l.implies(r) {
		l.merge(r)
	}
}

// implies says whether the list decides as r does about everything that r is about.
func (l *List) implies(r Rule) bool {
	for i := len(l.Rules) - 1; i >= 0; i-- {
		old := l.Rules[i]
		if !old.overlaps(r) {
			continue
		}
		if old.Allow != r.Allow {
			return false
		}
		if old.coversDevices(r) {
			if r.Access &^= old.Access; r.Access == 0 {
				return true
			}
		}
	}
	return l.Allow == r.Allow
}

// merge appends r, or widens a rule that differs in the access or in the type alone, if no rule after it stands in the way.
func (l *List) merge(r Rule) {
	for i := len(l.Rules) - 1; i >= 0; i-- {
		old := &l.Rules[i]
		if old.Allow == r.Allow && old.Major == r.Major && old.Minor == r.Minor {
			if old.Types == r.Types {
				old.Access |= r.Access
				return
			}
			if old.Access == r.Access {
				old.Types |= r.Types
				return
			}
		}
		if old.Allow != r.Allow && old.overlaps(r) {
			break
		}
	}
	l.Rules = append(l.Rules, r)
}

// Allows says what the policy decides about one access to one device: the definition that the kernel's form of it
// is tested against.
func (l *List) Allows(t Types, major, minor int64, access Access) bool {
	for bit := Mknod; bit <= Write; bit <<= 1 {
		if access&bit != 0 && !l.allowsOne(Rule{Types: t, Major: major, Minor: minor, Access: bit}) {
			return false
		}
	}
	return true
}

func (l *List) allowsOne(request Rule) bool {
	for i := len(l.Rules) - 1; i >= 0; i-- {
		if r := l.Rules[i]; r.Access&request.Access != 0 && r.coversDevices(request) {
			return r.Allow
		}
	}
	return l.Allow
}

// Ordered says whether the order of the rules matters, that is, whether some of them are exceptions from exceptions.
func (l *List) Ordered() bool {
	for _, r := range l.Rules {
		if r.Allow == l.Allow {
			return true
		}
	}
	return false
}

func number(n int64) string {
	if n == Any {
		return "*"
	}
	return strconv.FormatInt(n, 10)
}

// AllowsAll says whether the policy denies nothing.
func (l *List) AllowsAll() bool { return l.Allow && len(l.Rules) == 0 }
