package lazyjson

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// Marshal returns v as JSON, byte for byte as encoding/json writes it. Values that
// nest deeper than 10000 levels, as cyclic ones do, are an error.
func Marshal(v any) ([]byte, error) {
	e := encoder{buf: make([]byte, 0, 1024), tables: borrow()}
	defer e.tables.giveBack()
	if err := e.value(reflect.ValueOf(v), false); err != nil {
		return nil, fmt.Errorf("encode %T as JSON: %w", v, err)
	}
	return e.buf, nil
}

// MarshalIndent is Marshal with a line for each element, which begins with prefix and
// one indent for each level.
func MarshalIndent(v any, prefix, indent string) ([]byte, error) {
	b, err := Marshal(v)
	if err != nil {
		return nil, err
	}
	return appendIndent(make([]byte, 0, 2*len(b)), b, prefix, indent), nil
}

type encoder struct {
	buf    []byte
	tables *tables
	depth  int
}

// value appends v; quoted says that a boolean, number or string goes into a string.
func (e *encoder) value(v reflect.Value, quoted bool) error {
	if !v.IsValid() {
		e.buf = append(e.buf, "null"...)
		return nil
	}
	if done, err := e.custom(v); done {
		return err
	}
	e.depth++
	defer func() { e.depth-- }()
	if e.depth > maxDepth {
		return fmt.Errorf("more than %d levels are nested in each other", maxDepth)
	}
	switch k := v.Kind(); k {
	case reflect.Struct:
		return e.structure(v)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Slice:
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		if isBytes(v.Type()) {
			e.buf = append(e.buf, '"')
			e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
			e.buf = append(e.buf, '"')
			return nil
		}
		return e.list(v)
	case reflect.Array:
		return e.list(v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			e.buf = append(e.buf, "null"...)
			return nil
		}
		return e.value(v.Elem(), quoted && k == reflect.Pointer)
	}
	return e.scalar(v, quoted)
}

func (e *encoder) scalar(v reflect.Value, quoted bool) error {
	k := v.Kind()
	if k == reflect.String {
		if quoted {
			e.buf = appendString(e.buf, string(appendString(nil, v.String())))
		} else {
			e.buf = appendString(e.buf, v.String())
		}
		return nil
	}
	if quoted {
		e.buf = append(e.buf, '"')
		defer func() { e.buf = append(e.buf, '"') }()
	}
	switch {
	case k == reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case isInt(k):
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case isUint(k):
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case k == reflect.Float32 || k == reflect.Float64:
		f := v.Float()
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return fmt.Errorf("%v is not a number that JSON has", f)
		}
		e.buf = appendFloat(e.buf, f, v.Type().Bits())
	default:
		return fmt.Errorf("a value of type %v has no form in JSON", v.Type())
	}
	return nil
}

// appendFloat writes numbers as ECMAScript does: with an exponent only when they are
// very large or very small, and that without leading zeros.
func appendFloat(b []byte, f float64, bits int) []byte {
	abs, format := math.Abs(f), byte('f')
	if abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	b = strconv.AppendFloat(b, f, format, -1, bits)
	if n := len(b); format == 'e' && n >= 4 && (b[n-3] == '-' || b[n-3] == '+') && b[n-2] == '0' {
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

func (e *encoder) list(v reflect.Value) error {
	e.buf = append(e.buf, '[')
	for i := range v.Len() {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := e.value(v.Index(i), false); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, ']')
	return nil
}

func isBytes(t reflect.Type) bool {
	elem := t.Elem()
	if elem.Kind() != reflect.Uint8 {
		return false
	}
	if elem.PkgPath() == "" {
		return true
	}
	p := reflect.New(elem).Interface()
	_, custom := p.(marshaler)
	_, text := p.(textMarshaler)
	return !custom && !text
}
