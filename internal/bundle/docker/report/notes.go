package report

import "strings"

// Notes are what the mapping of one container has to say of fields, beyond the rules that hold for all.
type Notes struct{ of map[string]note }

type note struct {
	fate    Fate
	targets []string
	why     string
}

// Mapped notes where a field, with all that is below it, went: JSON pointers, or a pointer to a list and the element's
// member, as /mounts?destination=/etc/hosts.
func (n *Notes) Mapped(field, why string, targets ...string) {
	n.add(field, note{Mapped, targets, why})
}

// Lost notes why a field cannot be expressed.
func (n *Notes) Lost(field, why string) { n.add(field, note{Lost, nil, why}) }

// Default notes that a field has the value that asks for nothing.
func (n *Notes) Default(field, why string) { n.add(field, note{Default, nil, why}) }

func (n *Notes) add(field string, what note) {
	if n.of == nil {
		n.of = map[string]note{}
	}
	n.of[field] = what
}

// find looks for what was noted of a field, or of what it is a part of.
func (n *Notes) find(field string) (note, bool) {
	for field != "" {
		if what, ok := n.of[field]; ok {
			return what, true
		}
		field = parent(field)
	}
	return note{}, false
}

// parent is what a field is a part of: of a.b[1] it is a.b, of that a.
func parent(field string) string { return field[:max(strings.LastIndexAny(field, ".["), 0)] }

// below says whether something was noted of a part of a field.
func (n *Notes) below(field string) bool {
	for name := range n.of {
		if strings.HasPrefix(name, field) && len(name) > len(field) && strings.ContainsRune(".[", rune(name[len(field)])) {
			return true
		}
	}
	return false
}
