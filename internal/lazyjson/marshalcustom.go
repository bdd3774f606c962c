package lazyjson

import (
	"fmt"
	"reflect"
)

// marshaler and textMarshaler are json.Marshaler and encoding.TextMarshaler.
type marshaler interface{ MarshalJSON() ([]byte, error) }
type textMarshaler interface{ MarshalText() ([]byte, error) }

// custom appends a value whose type encodes itself, and tells whether it does.
func (e *encoder) custom(v reflect.Value) (bool, error) {
	t := v.Type()
	if t.PkgPath() == "" && v.Kind() != reflect.Pointer && v.Kind() != reflect.Struct {
		return false, nil
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr() // for methods with a pointer receiver
		t = v.Type()
	}
	if t.NumMethod() == 0 || !v.CanInterface() {
		return false, nil
	}
	x := v.Interface()
	m, isJSON := x.(marshaler)
	tm, isText := x.(textMarshaler)
	if !isJSON && !isText {
		return false, nil
	}
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		e.buf = append(e.buf, "null"...)
		return true, nil
	}
	if !isJSON {
		b, err := tm.MarshalText()
		if err == nil {
			e.buf = appendString(e.buf, string(b))
		}
		return true, err
	}
	b, err := m.MarshalJSON()
	if err != nil {
		return true, err
	}
	d := decoder{text: string(b)}
	d.space()
	if d.skip() {
		if d.space(); d.pos < len(d.text) {
			d.syntax("the text goes on after the value, with %s", d.found())
		}
	}
	if err := d.err(); err != nil {
		return true, fmt.Errorf("the JSON that %v made: %w", t, err)
	}
	e.buf = appendCompact(e.buf, d.text)
	return true, nil
}
