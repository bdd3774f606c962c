package lazyjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// str passes the string at pos and returns what it says. Without escapes that is a
// part of the text itself.
func (d *decoder) str() (string, bool) {
	d.pos++
	start := d.pos
	for i := start; i < len(d.text); i++ {
		c := d.text[i]
		if c == '"' {
			d.pos = i + 1
			return d.text[start:i], true
		}
		if c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			d.pos = i
			return d.unescape(start)
		}
	}
	d.pos = len(d.text)
	return "", d.syntax("the text ends inside a string")
}

// unescape finishes the string that began at start, with escapes or bytes beyond
// ASCII from pos on. Bytes that are not UTF-8 become U+FFFD each.
func (d *decoder) unescape(start int) (string, bool) {
	out := append([]byte(nil), d.text[start:d.pos]...)
	for d.pos < len(d.text) {
		switch c := d.text[d.pos]; {
		case c == '"':
			d.pos++
			return string(out), true
		case c == '\\':
			r, ok := d.escape()
			if !ok {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return "", d.syntax("the control character %q in a string must be written as an escape", c)
		case c < utf8.RuneSelf:
			out = append(out, c)
			d.pos++
		default:
			r, size := utf8.DecodeRuneInString(d.text[d.pos:])
			out = utf8.AppendRune(out, r)
			d.pos += size
		}
	}
	return "", d.syntax("the text ends inside a string")
}

// escape passes the escape sequence at pos. A surrogate without its other half is U+FFFD.
func (d *decoder) escape() (rune, bool) {
	d.pos++
	if d.pos >= len(d.text) {
		return 0, d.syntax("the text ends inside a string")
	}
	c := d.text[d.pos]
	d.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return d.unicodeEscape()
	}
	d.pos--
	return 0, d.syntax("a backslash before %s is not an escape sequence", d.found())
}

func (d *decoder) unicodeEscape() (rune, bool) {
	r, ok := hex4(d.text[d.pos:])
	if !ok {
		return 0, d.syntax(`four hexadecimal digits are expected after \u`)
	}
	d.pos += 4
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	rest := d.text[d.pos:]
	if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if low, ok := hex4(rest[2:]); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				d.pos += 6
				return full, true
			}
		}
	}
	return utf8.RuneError, true
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
