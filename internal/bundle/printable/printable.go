// Package printable makes text of strangers fit for a terminal, which would obey the control characters in it.
package printable

import (
	"strings"
	"unicode"
)

// Line is text for a line: '?' stands for each control character.
func Line(text string) string { return strings.Map(visible, text) }

// Text is text for several lines.
func Text(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return visible(r)
	}, text)
}

func visible(r rune) rune {
	if unicode.IsControl(r) {
		return '?'
	}
	return r
}
