package lazyjson

import "reflect"

// unmarshaler and textUnmarshaler are json.Unmarshaler and encoding.TextUnmarshaler,
// which are not imported for their cost at start.
type unmarshaler interface{ UnmarshalJSON([]byte) error }
type textUnmarshaler interface{ UnmarshalText([]byte) error }

// indirect follows pointers and interfaces to what a value is to be stored in, and
// makes what the pointers point to. It stops at a type that decodes itself. A null
// goes into the first pointer that can be set.
func indirect(v reflect.Value, null bool) (unmarshaler, textUnmarshaler, reflect.Value) {
	if v.Kind() != reflect.Pointer && v.Type().PkgPath() != "" && v.CanAddr() {
		// A named type may have methods with a pointer receiver.
		if u, tu := customs(v.Addr(), null); u != nil || tu != nil {
			return u, tu, v
		}
	}
	for {
		if v.Kind() == reflect.Interface && !v.IsNil() {
			// A pointer within an interface is followed if what it points to can be of use.
			if e := v.Elem(); e.Kind() == reflect.Pointer && !e.IsNil() && (!null || e.Elem().Kind() == reflect.Pointer) {
				v = e
				continue
			}
		}
		if v.Kind() != reflect.Pointer || null && v.CanSet() {
			return nil, nil, v
		}
		if e := v.Elem(); e.Kind() == reflect.Interface && e.Elem().Equal(v) {
			return nil, nil, e // an interface that holds its own address
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if u, tu := customs(v, null); u != nil || tu != nil {
			return u, tu, v
		}
		v = v.Elem()
	}
}

// customs returns the methods with which the pointer v decodes JSON itself.
func customs(v reflect.Value, null bool) (unmarshaler, textUnmarshaler) {
	if v.Type().NumMethod() == 0 || !v.CanInterface() {
		return nil, nil
	}
	x := v.Interface()
	if u, ok := x.(unmarshaler); ok {
		return u, nil
	}
	if tu, ok := x.(textUnmarshaler); ok && !null {
		return nil, tu
	}
	return nil, nil
}

// custom passes the value at pos to u.
func (d *decoder) custom(u unmarshaler) bool {
	start := d.pos
	if !d.skip() {
		return false
	}
	d.wrap(start, u.UnmarshalJSON([]byte(d.text[start:d.pos])))
	return true
}
