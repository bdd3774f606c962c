package lazyjson

import "strings"

// space passes white space.
func (d *decoder) space() {
	for d.pos < len(d.text) {
		switch d.text[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next passes white space and returns the byte behind it, or 0 at the end of the text.
func (d *decoder) next() byte {
	d.space()
	if d.pos < len(d.text) {
		return d.text[d.pos]
	}
	return 0
}

// word passes true, false or null.
func (d *decoder) word() bool {
	rest := d.text[d.pos:]
	for _, w := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(rest, w) {
			d.pos += len(w)
			return true
		}
	}
	return d.syntax("a value is expected, not %s", d.found())
}

// number passes a number: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? (RFC 8259).
func (d *decoder) number() bool {
	if d.at('-') {
		d.pos++
	}
	switch {
	case d.at('0'):
		d.pos++
	case d.digits():
	default:
		return d.syntax("a value is expected, not %s", d.found())
	}
	if d.at('.') {
		d.pos++
		if !d.digits() {
			return d.syntax("a digit is expected after the decimal point, not %s", d.found())
		}
	}
	if d.at('e') || d.at('E') {
		d.pos++
		if d.at('+') || d.at('-') {
			d.pos++
		}
		if !d.digits() {
			return d.syntax("a digit is expected in the exponent, not %s", d.found())
		}
	}
	return true
}

func (d *decoder) at(c byte) bool { return d.pos < len(d.text) && d.text[d.pos] == c }

// digits passes decimal digits and tells whether there was one.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.text) && d.text[d.pos]-'0' <= 9 {
		d.pos++
	}
	return d.pos > start
}

// skip checks the value at pos and passes it.
func (d *decoder) skip() bool {
	if d.pos >= len(d.text) {
		return d.syntax("the text ends where a value is expected")
	}
	switch d.text[d.pos] {
	case '{':
		return d.members(func(string) bool { return d.skip() })
	case '[':
		return d.elements(func(int) bool { return d.skip() })
	case '"':
		_, ok := d.str()
		return ok
	case 't', 'f', 'n':
		return d.word()
	}
	return d.number()
}

// members passes an object and calls member with each key when pos is at its value.
func (d *decoder) members(member func(key string) bool) bool {
	if !d.enter() {
		return false
	}
	if d.next() == '}' {
		return d.leave()
	}
	d.path = append(d.path, step{index: -1})
	top := len(d.path) - 1
	for {
		if d.next() != '"' {
			return d.syntax("a member's name in double quotes is expected, not %s", d.found())
		}
		key, ok := d.str()
		if !ok {
			return false
		}
		d.path[top].name = key
		if d.next() != ':' {
			return d.syntax("a colon is expected after the name %q, not %s", shorten(key), d.found())
		}
		d.pos++
		d.space()
		if !member(key) {
			return false
		}
		switch d.next() {
		case ',':
			d.pos++
		case '}':
			d.path = d.path[:top]
			return d.leave()
		default:
			return d.syntax("a comma or a closing brace is expected after this value, not %s", d.found())
		}
	}
}

// elements passes an array and calls element with each index when pos is at its value.
func (d *decoder) elements(element func(i int) bool) bool {
	if !d.enter() {
		return false
	}
	if d.next() == ']' {
		return d.leave()
	}
	d.path = append(d.path, step{})
	top := len(d.path) - 1
	for i := 0; ; i++ {
		d.path[top].index = i
		d.space()
		if !element(i) {
			return false
		}
		switch d.next() {
		case ',':
			d.pos++
		case ']':
			d.path = d.path[:top]
			return d.leave()
		default:
			return d.syntax("a comma or a closing bracket is expected after this value, not %s", d.found())
		}
	}
}

// leave passes a closing bracket.
func (d *decoder) leave() bool {
	d.pos++
	d.depth--
	return true
}
