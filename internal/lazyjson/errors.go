package lazyjson

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxErrors is how many mistakes of one text are reported.
const maxErrors = 20

// Error is one mistake in a text.
type Error struct {
	Path         string // of the value, like linux.namespaces[2].type; "" for the whole
	Line, Column int    // where the value begins, both from 1; columns count characters
	Problem      string
	Err          error // of a method that decodes a type, or nil
}

func (e *Error) Error() string {
	where := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
	if e.Path != "" {
		where = e.Path + ": " + where
	}
	if e.Err != nil {
		where += e.Err.Error()
	}
	return where
}

// Unwrap returns the error of the method that decodes a type.
func (e *Error) Unwrap() error { return e.Err }

func (d *decoder) err() error {
	if len(d.errs) == 1 {
		return d.errs[0]
	}
	return errors.Join(d.errs...)
}

// syntax notes that the text is not JSON at pos, and returns false.
func (d *decoder) syntax(format string, args ...any) bool {
	if !d.broken {
		d.broken = true
		d.errs = append(d.errs, d.newError(d.pos, fmt.Sprintf(format, args...), nil))
	}
	return false
}

// problem notes a mistake in the value at the offset at.
func (d *decoder) problem(at int, format string, args ...any) {
	if len(d.errs) < maxErrors {
		d.errs = append(d.errs, d.newError(at, fmt.Sprintf(format, args...), nil))
	}
}

// wrap notes the error of a method that decodes a type, if there is one.
func (d *decoder) wrap(at int, err error) {
	if err != nil && len(d.errs) < maxErrors {
		d.errs = append(d.errs, d.newError(at, "", err))
	}
}

// mismatch notes a value of the wrong type that began at the offset at, and returns true.
func (d *decoder) mismatch(at int, is, takes string) bool {
	what := "this"
	if d.pos > at {
		what = shorten(d.text[at:d.pos])
	}
	d.problem(at, "%s is %s, the field takes %s", what, is, takes)
	return true
}

func (d *decoder) outside(at int, number string, v reflect.Value) {
	d.problem(at, "%s is not %s", shorten(number), takes(v))
}

func (d *decoder) newError(at int, problem string, err error) *Error {
	before := d.text[:at]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Path:    formatPath(d.path),
		Line:    1 + strings.Count(before, "\n"),
		Column:  1 + utf8.RuneCountInString(before[lineStart:]),
		Problem: problem,
		Err:     err,
	}
}

// formatPath writes a.b[3]["c.d"]; of a very deep path only the ends.
func formatPath(path []step) string {
	const ends = 20
	var b strings.Builder
	for i, s := range path {
		if len(path) > 2*ends && i == ends {
			b.WriteString("…")
		}
		if len(path) > 2*ends && ends <= i && i < len(path)-ends {
			continue
		}
		switch {
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case s.name == "" || strings.ContainsAny(s.name, ".[]\"\\ \n\t/"):
			b.WriteString("[" + strconv.Quote(shorten(s.name)) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(shorten(s.name))
		}
	}
	return b.String()
}

// found describes the byte at pos.
func (d *decoder) found() string {
	if d.pos >= len(d.text) {
		return "the end of the text"
	}
	r, size := utf8.DecodeRuneInString(d.text[d.pos:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("the byte %#02x", d.text[d.pos])
	}
	return strconv.QuoteRune(r)
}

// takes describes the values that can be stored in v.
func takes(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		v = reflect.Zero(v.Type().Elem())
	}
	k := v.Kind()
	switch {
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.String:
		return "a string"
	case isInt(k):
		max := int64(1)<<(v.Type().Bits()-1) - 1
		return fmt.Sprintf("a whole number from %d to %d", -max-1, max)
	case isUint(k):
		return fmt.Sprintf("a whole number from 0 to %d", ^uint64(0)>>(64-v.Type().Bits()))
	case k == reflect.Float32 || k == reflect.Float64:
		return fmt.Sprintf("a number of %d bits", v.Type().Bits())
	case k == reflect.Struct || k == reflect.Map:
		return "an object"
	case k == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return "an array or a string in base64"
	case k == reflect.Slice || k == reflect.Array:
		return "an array"
	case k == reflect.Interface && v.NumMethod() == 0:
		return "a number of 64 bits"
	}
	return "no value from JSON"
}

// shorten cuts what would make a message unreadable.
func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
