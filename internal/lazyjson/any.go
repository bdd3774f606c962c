package lazyjson

import (
	"reflect"
	"strconv"
)

// intoAny stores the object or array at pos in an empty interface.
func (d *decoder) intoAny(v reflect.Value) bool {
	x, ok := d.any()
	if ok {
		v.Set(reflect.ValueOf(x))
	}
	return ok
}

// any decodes the value at pos as map[string]any, []any, string, float64, bool or nil.
func (d *decoder) any() (any, bool) {
	if d.pos >= len(d.text) {
		return nil, d.syntax("the text ends where a value is expected")
	}
	switch d.text[d.pos] {
	case '{':
		m := map[string]any{}
		return m, d.members(func(key string) bool {
			x, ok := d.any()
			m[key] = x
			return ok
		})
	case '[':
		a := []any{}
		ok := d.elements(func(int) bool {
			x, ok := d.any()
			a = append(a, x)
			return ok
		})
		return a, ok
	case '"':
		return d.str()
	case 't':
		return true, d.word()
	case 'f':
		return false, d.word()
	case 'n':
		return nil, d.word()
	}
	start := d.pos
	if !d.number() {
		return nil, false
	}
	text := d.text[start:d.pos]
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.problem(start, "%s is too large a number", shorten(text))
	}
	return f, true
}
