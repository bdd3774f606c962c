package lazyjson

import (
	"reflect"
	"slices"
)

// embedded is a struct whose fields count as those of the struct that embeds it.
type embedded struct {
	typ   reflect.Type
	index []int
	count int // how often its level of embedding holds it
}

// collectFields lists the fields that JSON sees, level by level of embedding, and
// resolves names that occur more than once by Go's rules for embedded fields, except
// that among fields of one level a tag wins.
func collectFields(t reflect.Type) []field {
	var fields []field
	var visited []reflect.Type
	for level := []embedded{{typ: t, count: 1}}; len(level) > 0; {
		var next []embedded
		for _, e := range level {
			if !slices.Contains(visited, e.typ) {
				visited = append(visited, e.typ)
				fields, next = e.collect(fields, next)
			}
		}
		level = next
	}
	all := slices.Clone(fields)
	fields = slices.DeleteFunc(fields, func(f field) bool { return hidden(&f, all) })
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields
}

// collect appends the fields of e, and the structs that it embeds for the next level.
func (e *embedded) collect(fields []field, next []embedded) ([]field, []embedded) {
	for i := range e.typ.NumField() {
		sf := e.typ.Field(i)
		f, ok := newField(&sf)
		if !ok {
			continue
		}
		f.index = append(slices.Clip(e.index), i)
		if inner := follow(sf.Type); sf.Anonymous && !f.tagged && inner.Kind() == reflect.Struct {
			next = addEmbedded(next, inner, f.index)
			continue
		}
		fields = append(fields, f)
		if e.count > 1 {
			// Twice, so that the two cancel each other out.
			fields = append(fields, f)
		}
	}
	return fields, next
}

func addEmbedded(next []embedded, t reflect.Type, index []int) []embedded {
	for i := range next {
		if next[i].typ == t {
			next[i].count++
			return next
		}
	}
	return append(next, embedded{t, index, 1})
}

// hidden tells whether another field takes the name of f, or cancels it out.
func hidden(f *field, all []field) bool {
	same := 0
	for i := range all {
		o := &all[i]
		if o.name != f.name {
			continue
		}
		if len(o.index) < len(f.index) || len(o.index) == len(f.index) && o.tagged && !f.tagged {
			return true
		}
		if len(o.index) == len(f.index) && o.tagged == f.tagged {
			same++
		}
	}
	return same > 1
}
