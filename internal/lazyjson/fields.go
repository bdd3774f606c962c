package lazyjson

import (
	"reflect"
	"strings"
	"sync"
)

// structType is what the members of an object are matched with.
type structType struct {
	typ    reflect.Type
	fields []field // in the order of their indexes
}

type field struct {
	name      string
	index     []int // more than one number for a field of an embedded struct
	tagged    bool
	quoted    bool // by the tag option "string"
	omitEmpty bool
	omitZero  bool
}

// tables are the struct types met so far. Their fields are cut from common blocks:
// an allocation of one more size costs more at a program's start than the memory.
type tables struct {
	types []structType
	block []field
}

// shared are the tables of the process. A pass that finds them in use has its own.
var shared struct {
	sync.Mutex
	tables
}

func borrow() *tables {
	if shared.TryLock() {
		return &shared.tables
	}
	return &tables{}
}

func (ts *tables) giveBack() {
	if ts == &shared.tables {
		shared.Unlock()
	}
}

// of returns the fields of a struct type, listed when it is first met.
func (ts *tables) of(t reflect.Type) []field {
	for i := range ts.types {
		if ts.types[i].typ == t {
			return ts.types[i].fields
		}
	}
	fields, ok := ts.plainFields(t)
	if !ok {
		fields = collectFields(t)
	}
	ts.types = append(ts.types, structType{t, fields})
	return fields
}

// find returns the field that a member's name means: the one of just that name, else
// the first that differs from it in case only. hint is where to begin to look: texts
// tend to name the members in the order of the fields.
func find(fields []field, name string, hint int) (int, *field) {
	for i := hint; i < len(fields); i++ {
		if fields[i].name == name {
			return i, &fields[i]
		}
	}
	for i := range min(hint, len(fields)) {
		if fields[i].name == name {
			return i, &fields[i]
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].name, name) {
			return i, &fields[i]
		}
	}
	return hint, nil
}

// plainFields lists the fields of a struct that embeds none and names none twice, as
// nearly all do. It is a short cut past collectFields.
func (ts *tables) plainFields(t reflect.Type) ([]field, bool) {
	n := t.NumField()
	if cap(ts.block)-len(ts.block) < n {
		ts.block = make([]field, 0, max(n, 96))
	}
	fields := ts.block[len(ts.block):len(ts.block):cap(ts.block)]
	for i := range n {
		sf := t.Field(i)
		if sf.Anonymous {
			return nil, false
		}
		f, ok := newField(&sf)
		if !ok {
			continue
		}
		f.index = sf.Index
		for k := range fields {
			if fields[k].name == f.name {
				return nil, false
			}
		}
		fields = append(fields, f)
	}
	ts.block = ts.block[:len(ts.block)+len(fields)]
	return fields, true
}

// newField describes a field but for its index; it is false for one that JSON does not see.
func newField(sf *reflect.StructField) (field, bool) {
	name, options, ok := jsonTag(sf.Tag)
	if !ok || !visible(sf) {
		return field{}, false
	}
	f := field{name: name, tagged: name != ""}
	if name == "" {
		f.name = sf.Name
	}
	switch options {
	case "":
	case "omitempty":
		f.omitEmpty = true
	default:
		f.omitEmpty = hasOption(options, "omitempty")
		f.omitZero = hasOption(options, "omitzero")
		f.quoted = hasOption(options, "string") && quotable(follow(sf.Type).Kind())
	}
	return f, true
}

// visible tells whether JSON sees a field: it is exported, or an embedded struct,
// which may have exported fields.
func visible(sf *reflect.StructField) bool {
	if sf.PkgPath == "" || !sf.Anonymous {
		return sf.PkgPath == ""
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// follow returns what a pointer type without a name points to, else t.
func follow(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		return t.Elem()
	}
	return t
}
