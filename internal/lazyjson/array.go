package lazyjson

import "reflect"

func (d *decoder) array(v reflect.Value) bool {
	start := d.pos
	u, tu, v := indirect(v, false)
	if u != nil {
		return d.custom(u)
	}
	if tu != nil {
		return d.mismatch(start, "an array", "a string") && d.skip()
	}
	switch v.Kind() {
	case reflect.Slice:
		return d.intoSlice(v)
	case reflect.Array:
		return d.intoArray(v)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			return d.intoAny(v)
		}
	}
	return d.mismatch(start, "an array", takes(v)) && d.skip()
}

// intoSlice decodes into the elements that the slice has, and appends. A member that
// occurs twice is thereby merged element by element, as encoding/json does it.
func (d *decoder) intoSlice(v reflect.Value) bool {
	length, capacity, n := v.Len(), v.Cap(), 0
	ok := d.elements(func(i int) bool {
		if i >= capacity {
			v.Grow(max(4, i))
			capacity = v.Cap()
		}
		if i >= length {
			length = i + 1
			v.SetLen(length)
		}
		n = i + 1
		return d.value(v.Index(i))
	})
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	} else if n < length {
		v.SetLen(n)
	}
	return ok
}

// intoArray decodes into an array of fixed length: what is too much is dropped, what
// is missing becomes zero.
func (d *decoder) intoArray(v reflect.Value) bool {
	n := 0
	ok := d.elements(func(i int) bool {
		if i >= v.Len() {
			return d.skip()
		}
		n = i + 1
		return d.value(v.Index(i))
	})
	for ; n < v.Len(); n++ {
		v.Index(n).SetZero()
	}
	return ok
}
