package lazyjson

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// appendString appends s in double quotes. Like encoding/json it escapes what HTML or
// JavaScript could take for something else, and bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				b = append(b, s[start:i]...)
				b = appendHex4(b, r)
				start = i + size
			}
			i += size
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			continue
		}
		b = append(b, s[start:i-1]...)
		b = appendEscape(b, c)
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return appendHex4(b, rune(c))
}

func appendHex4(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// appendHTMLEscaped appends JSON text with <, >, &, U+2028 and U+2029 as escapes; they
// occur within strings only.
func appendHTMLEscaped(b []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '<' || c == '>' || c == '&':
			b = appendHex4(b, rune(c))
		case c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xa8:
			b = appendHex4(b, 0x2000|rune(text[i+2]&0x3f))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return b
}

// appendCompact appends valid JSON text without the white space between its tokens.
func appendCompact(b []byte, text string) []byte {
	for i := 0; i < len(text); {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			i++
		case '"':
			end := stringEnd(text, i)
			b = appendHTMLEscaped(b, text[i:end])
			i = end
		default:
			b = append(b, text[i])
			i++
		}
	}
	return b
}

// stringEnd returns the offset behind the string that begins at i.
func stringEnd[T string | []byte](text T, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// appendIndent appends compact JSON text with line breaks.
func appendIndent(b, text []byte, prefix, indent string) []byte {
	depth := 0
	newline := func() {
		b = append(b, '\n')
		b = append(b, prefix...)
		for range depth {
			b = append(b, indent...)
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := stringEnd(text, i)
			b = append(b, text[i:end]...)
			i = end - 1
		case '{', '[':
			b = append(b, c)
			if text[i+1] == c+2 { // "{}" and "[]" stay in one piece
				b = append(b, text[i+1])
				i++
				continue
			}
			depth++
			newline()
		case '}', ']':
			depth--
			newline()
			b = append(b, c)
		case ',':
			b = append(b, c)
			newline()
		case ':':
			b = append(b, c, ' ')
		default:
			b = append(b, c)
		}
	}
	return b
}
