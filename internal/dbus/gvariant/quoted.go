package gvariant

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// letters are those that mean another byte behind a backslash, and meant are the bytes.
const letters, meant = "abfnrtv", "\a\b\f\n\r\t\v"

// quoted reads a string in quotes, single or double ones.
func (p *parser) quoted() (string, error) {
	quote, s := p.rest[0], p.rest[1:]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			p.rest = s[i+1:]
			return b.String(), check(b.String())
		case c != '\\':
			b.WriteByte(c)
		default:
			n, err := escaped(&b, s[i+1:])
			if err != nil {
				return "", err
			}
			i += n
		}
	}
	return "", fmt.Errorf("the string %.40q has no end", p.rest)
}

// escaped reads what follows a backslash, and returns how many bytes that is.
func escaped(b *strings.Builder, s string) (n int, err error) {
	if s == "" {
		return 0, errors.New("a string ends with a backslash")
	}
	digits := 0
	switch s[0] {
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	switch i := strings.IndexByte(letters, s[0]); {
	case i >= 0:
		b.WriteByte(meant[i])
	case s[0] == '\n':
	case digits == 0:
		b.WriteByte(s[0])
	case len(s) <= digits:
		return 0, fmt.Errorf(`"\%s" is too short`, s)
	default:
		r, err := strconv.ParseUint(s[1:1+digits], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return 0, fmt.Errorf(`"\%s" is no character`, s[:1+digits])
		}
		b.WriteRune(rune(r))
	}
	return 1 + digits, nil
}

// check refuses what no string of D-Bus may hold.
func check(s string) error {
	if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
		return fmt.Errorf("the string %.40q is not UTF-8, or holds a zero byte", s)
	}
	return nil
}
