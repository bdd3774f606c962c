package devrules

import "strconv"

// List is a device policy: of the rules that are about an access, the last decides; Allow decides where none is. An access
// of several kinds (opening for reading and writing) is allowed if each kind is. Rules without effect are left out.
type List struct {
	Allow bool
	Rules []Rule
}

// Add appends a rule and drops what it makes void. A rule that says the same about some of the access only stays whole: cgroup v1
// lets a nested cgroup have an exception that one of its parent's covers, not one that several cover together.
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
		rest := old.Access
		if r.coversDevices(old) {
			rest &^= r.Access
		}
		if r.Allow != old.Allow {
			old.Access = rest
		}
		if rest != 0 {
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
