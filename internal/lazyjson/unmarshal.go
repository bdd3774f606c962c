// Package lazyjson reads and writes JSON as encoding/json does, for programs that
// live for a millisecond.
//
// encoding/json prepares an encoder and a decoder for every type that can be reached
// from the value, before it looks at the text. That pays in a server; for one
// specs.Spec it costs ten times the decoding itself. This package visits only what the
// text or the value holds, and makes a table of fields only for the struct types it
// meets there.
//
// The results are those of encoding/json (version 1 semantics): the same value, or an
// error from both. json.Number is the exception: it is an ordinary string type here.
// Errors are this package's own: they name the path, the line and the column, and the
// mistakes of a text are reported together.
package lazyjson

import (
	"errors"
	"reflect"
)

// maxDepth is how deep arrays and objects may nest, as in encoding/json.
const maxDepth = 10000

// Unmarshal stores the value that data holds in what v points to. The strings of the
// result share one copy of data.
func Unmarshal(data []byte, v any) error {
	return UnmarshalString(string(data), v)
}

// UnmarshalString is Unmarshal for text that is at hand as a string; the strings of
// the result are parts of it.
func UnmarshalString(text string, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("decode JSON: the target is not a pointer, or is nil")
	}
	d := decoder{text: text, tables: borrow()}
	defer d.tables.giveBack()
	d.space()
	if d.value(target) {
		d.space()
		if d.pos < len(d.text) {
			d.syntax("the text goes on after the value, with %s", d.found())
		}
	}
	return d.err()
}

// decoder is one pass over a text. Its methods that return a bool return false after
// a syntax error, which ends the pass; a value of the wrong type is noted and skipped.
type decoder struct {
	text  string
	pos   int
	depth int

	tables *tables
	path   []step  // to the value at pos
	errs   []error // at most maxErrors
	broken bool    // by a syntax error
}

// step is one element of a path: a member of an object, or an index of an array
// when the name is empty and index is not negative.
type step struct {
	name  string
	index int
}

// value decodes the value at pos into v, or only checks it if v is the zero Value.
func (d *decoder) value(v reflect.Value) bool {
	if !v.IsValid() {
		return d.skip()
	}
	if d.pos >= len(d.text) {
		return d.syntax("the text ends where a value is expected")
	}
	switch c := d.text[d.pos]; c {
	case '{':
		return d.object(v)
	case '[':
		return d.array(v)
	case '"':
		start := d.pos
		s, ok := d.str()
		if ok {
			d.storeString(v, s, start)
		}
		return ok
	case 't', 'f':
		start := d.pos
		ok := d.word()
		if ok {
			d.storeBool(v, c == 't', start)
		}
		return ok
	case 'n':
		start := d.pos
		ok := d.word()
		if ok {
			d.storeNull(v, start)
		}
		return ok
	}
	start := d.pos
	ok := d.number()
	if ok {
		d.storeNumber(v, d.text[start:d.pos], start)
	}
	return ok
}

// enter counts one more level of nesting and passes the opening bracket.
func (d *decoder) enter() bool {
	d.depth++
	if d.depth > maxDepth {
		return d.syntax("more than %d arrays and objects are nested in each other", maxDepth)
	}
	d.pos++
	return true
}
