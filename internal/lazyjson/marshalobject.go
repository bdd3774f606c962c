package lazyjson

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

func (e *encoder) structure(v reflect.Value) error {
	e.buf = append(e.buf, '{')
	start := len(e.buf)
	fields := e.tables.of(v.Type())
	for i := range fields {
		f := &fields[i]
		fv, ok := reach(v, f.index)
		if !ok || f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv) {
			continue
		}
		if len(e.buf) > start {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(e.buf, '"')
		e.buf = appendHTMLEscaped(e.buf, f.name)
		e.buf = append(e.buf, '"', ':')
		if err := e.value(fv, f.quoted); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

// reach returns the field at index; it is false if that is in an embedded struct
// whose pointer is nil.
func reach(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, true
}

// isEmpty is the condition of the tag option "omitempty".
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	}
	return v.IsZero()
}

// isZero is the condition of the tag option "omitzero": the type's own, if it has one.
func isZero(v reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return true
	}
	if v.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() {
		_, ok := v.Interface().(zeroer)
		return ok && v.Type().Implements(reflect.TypeFor[zeroer]())
	}
	if v.Kind() == reflect.Interface && !v.Type().Implements(reflect.TypeFor[zeroer]()) {
		return false
	}
	if z, ok := v.Interface().(zeroer); ok {
		return z.IsZero()
	}
	if v.Type().PkgPath() != "" || v.Kind() == reflect.Struct {
		p := reflect.New(v.Type())
		if z, ok := p.Interface().(zeroer); ok {
			p.Elem().Set(v)
			return z.IsZero()
		}
	}
	return v.IsZero()
}

type entry struct {
	key   string
	value reflect.Value
}

// mapping appends a map, sorted by the keys as JSON has them.
func (e *encoder) mapping(v reflect.Value) error {
	if v.IsNil() {
		e.buf = append(e.buf, "null"...)
		return nil
	}
	entries := make([]entry, 0, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		key, err := keyText(iter.Key())
		if err != nil {
			return err
		}
		entries = append(entries, entry{key, iter.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	e.buf = append(e.buf, '{')
	for i, entry := range entries {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, entry.key)
		e.buf = append(e.buf, ':')
		if err := e.value(entry.value, false); err != nil {
			return fmt.Errorf("%s: %w", entry.key, err)
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

func keyText(k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if t, ok := k.Interface().(textMarshaler); ok {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", nil
		}
		b, err := t.MarshalText()
		return string(b), err
	}
	switch {
	case isInt(k.Kind()):
		return strconv.FormatInt(k.Int(), 10), nil
	case isUint(k.Kind()):
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", fmt.Errorf("a map with keys of type %v has no form in JSON", k.Type())
}
