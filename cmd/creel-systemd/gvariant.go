package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

// gvariant reads a value in GVariant text format. The library's parser never ends with some letters beyond ASCII, and panics
// on types that there are not: it gets the letters escaped, as strings may have them, and its panics are errors.
func gvariant(text string) (v dbus.Variant, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("no GVariant text: %v", r)
		}
	}()
	var ascii strings.Builder
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			return v, errors.New("no GVariant text: it is not UTF-8")
		case r < ' ':
			return v, fmt.Errorf("no GVariant text: character %U", r)
		case r < utf8.RuneSelf:
			ascii.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		default:
			fmt.Fprintf(&ascii, `\U%08x`, r)
		}
	}
	return dbus.ParseVariant(ascii.String(), dbus.Signature{})
}
