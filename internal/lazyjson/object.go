package lazyjson

import (
	"reflect"
	"strconv"
)

func (d *decoder) object(v reflect.Value) bool {
	start := d.pos
	u, tu, v := indirect(v, false)
	if u != nil {
		return d.custom(u)
	}
	if tu != nil {
		return d.mismatch(start, "an object", "a string") && d.skip()
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.intoStruct(v)
	case reflect.Map:
		if keyed(v.Type().Key()) {
			return d.intoMap(v)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			return d.intoAny(v)
		}
	}
	return d.mismatch(start, "an object", takes(v)) && d.skip()
}

func (d *decoder) intoStruct(v reflect.Value) bool {
	fields := d.tables.of(v.Type())
	hint := 0
	return d.members(func(key string) bool {
		i, f := find(fields, key, hint)
		if f == nil {
			return d.skip()
		}
		hint = i + 1
		target := d.field(v, f)
		if f.quoted && target.IsValid() {
			return d.quoted(target)
		}
		return d.value(target)
	})
}

// field returns the field f of v; it makes the embedded structs on the way to it.
// The result is the zero Value if that is impossible.
func (d *decoder) field(v reflect.Value, f *field) reflect.Value {
	for i, n := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					d.problem(d.pos, "the field belongs to an embedded pointer to the unexported type %v, which cannot be set", v.Type().Elem())
					return reflect.Value{}
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v
}

func (d *decoder) intoMap(v reflect.Value) bool {
	t := v.Type()
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	elem := reflect.New(t.Elem()).Elem()
	return d.members(func(key string) bool {
		start := d.pos
		elem.SetZero()
		if !d.value(elem) {
			return false
		}
		if k := d.mapKey(t.Key(), key, start); k.IsValid() {
			v.SetMapIndex(k, elem)
		}
		return true
	})
}

// keyed tells whether a map with keys of type t can hold the members of an object.
func keyed(t reflect.Type) bool {
	return t.Kind() == reflect.String || isInt(t.Kind()) || isUint(t.Kind()) || asTextUnmarshaler(t) != nil
}

// asTextUnmarshaler returns a new *t if that is a textUnmarshaler, else nil.
func asTextUnmarshaler(t reflect.Type) textUnmarshaler {
	if t.PkgPath() == "" && t.Kind() != reflect.Struct || reflect.PointerTo(t).NumMethod() == 0 {
		return nil
	}
	u, _ := reflect.New(t).Interface().(textUnmarshaler)
	return u
}

func (d *decoder) mapKey(t reflect.Type, key string, at int) reflect.Value {
	if u := asTextUnmarshaler(t); u != nil {
		if err := u.UnmarshalText([]byte(key)); err != nil {
			d.wrap(at, err)
			return reflect.Value{}
		}
		return reflect.ValueOf(u).Elem()
	}
	k := reflect.New(t).Elem()
	switch {
	case t.Kind() == reflect.String:
		k.SetString(key)
	case isInt(t.Kind()):
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil || t.OverflowInt(n) {
			d.problem(at, "the name %q is not %s", shorten(key), takes(k))
			return reflect.Value{}
		}
		k.SetInt(n)
	default:
		n, err := strconv.ParseUint(key, 10, 64)
		if err != nil || t.OverflowUint(n) {
			d.problem(at, "the name %q is not %s", shorten(key), takes(k))
			return reflect.Value{}
		}
		k.SetUint(n)
	}
	return k
}
