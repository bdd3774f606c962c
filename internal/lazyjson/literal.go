package lazyjson

import (
	"encoding/base64"
	"reflect"
	"strconv"
)

func (d *decoder) storeNull(v reflect.Value, start int) {
	u, _, v := indirect(v, true)
	if u != nil {
		d.wrap(start, u.UnmarshalJSON([]byte("null")))
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
		v.SetZero()
	}
}

func (d *decoder) storeBool(v reflect.Value, b bool, start int) {
	u, tu, v := indirect(v, false)
	if u != nil {
		d.wrap(start, u.UnmarshalJSON([]byte(d.text[start:d.pos])))
		return
	}
	switch {
	case tu != nil:
		d.mismatch(start, "a boolean", "a string")
	case v.Kind() == reflect.Bool:
		v.SetBool(b)
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(b))
	default:
		d.mismatch(start, "a boolean", takes(v))
	}
}

func (d *decoder) storeString(v reflect.Value, s string, start int) {
	if v.Kind() == reflect.String && v.Type().PkgPath() == "" {
		v.SetString(s)
		return
	}
	u, tu, v := indirect(v, false)
	if u != nil {
		d.wrap(start, u.UnmarshalJSON([]byte(d.text[start:d.pos])))
		return
	}
	if tu != nil {
		d.wrap(start, tu.UnmarshalText([]byte(s)))
		return
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			d.wrap(start, err)
			return
		}
		v.SetBytes(b)
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(s))
	default:
		d.mismatch(start, "a string", takes(v))
	}
}

func (d *decoder) storeNumber(v reflect.Value, text string, start int) {
	u, tu, v := indirect(v, false)
	if u != nil {
		d.wrap(start, u.UnmarshalJSON([]byte(text)))
		return
	}
	if tu != nil {
		d.mismatch(start, "a number", "a string")
		return
	}
	switch k := v.Kind(); {
	case isInt(k):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(n) {
			d.outside(start, text, v)
			return
		}
		v.SetInt(n)
	case isUint(k):
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || v.OverflowUint(n) {
			d.outside(start, text, v)
			return
		}
		v.SetUint(n)
	case k == reflect.Float32 || k == reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil || v.OverflowFloat(f) {
			d.outside(start, text, v)
			return
		}
		v.SetFloat(f)
	case k == reflect.Interface && v.NumMethod() == 0:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			d.outside(start, text, v)
			return
		}
		v.Set(reflect.ValueOf(f))
	default:
		d.mismatch(start, "a number", takes(v))
	}
}

// quoted decodes the value of a field that has the tag option "string": the JSON text
// of a boolean, number or string within a string, or null.
func (d *decoder) quoted(v reflect.Value) bool {
	start := d.pos
	if !d.at('"') {
		if d.at('n') {
			return d.value(v)
		}
		d.problem(start, "the value must be within a string")
		return d.skip()
	}
	s, ok := d.str()
	if !ok {
		return false
	}
	switch {
	case s == "null":
		d.storeNull(v, start)
		return true
	case s != "" && (s[0] == '-' || s[0]-'0' <= 9):
		d.storeNumber(v, s, start)
		return true
	}
	inner := decoder{text: s}
	if s == "" || s[0] == '[' || s[0] == '{' || !inner.value(v) || inner.pos < len(s) || len(inner.errs) > 0 {
		d.problem(start, "the string %q does not hold %s", shorten(s), takes(v))
	}
	return true
}
