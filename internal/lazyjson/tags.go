package lazyjson

import (
	"reflect"
	"strings"
	"unicode"
)

// jsonTag returns the name and the options of a field's tag. It is false for a field
// that the tag hides. A name that encoding/json does not accept counts as none.
func jsonTag(tag reflect.StructTag) (name, options string, ok bool) {
	const key = `json:"`
	var value string
	if end := -1; len(tag) > len(key) && tag[:len(key)] == key {
		// The usual tag, read without reflect's general way.
		value = string(tag[len(key):])
		if end = strings.IndexByte(value, '"'); end >= 0 {
			value = value[:end]
		}
		if end < 0 || strings.IndexByte(value, '\\') >= 0 {
			value = tag.Get("json")
		}
	} else if tag != "" {
		value = tag.Get("json")
	}
	if value == "-" {
		return "", "", false
	}
	name = value
	if comma := strings.IndexByte(value, ','); comma >= 0 {
		name, options = value[:comma], value[comma+1:]
	}
	if !validName(name) {
		name = ""
	}
	return name, options, true
}

func hasOption(options, name string) bool {
	for options != "" {
		var o string
		o, options, _ = strings.Cut(options, ",")
		if o == name {
			return true
		}
	}
	return false
}

// validName tells whether encoding/json accepts a name that a tag gives.
func validName(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			continue
		}
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}

// quotable tells whether the tag option "string" means something for a kind.
func quotable(k reflect.Kind) bool {
	switch k {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64:
		return true
	}
	return isInt(k) || isUint(k)
}

func isInt(k reflect.Kind) bool  { return reflect.Int <= k && k <= reflect.Int64 }
func isUint(k reflect.Kind) bool { return reflect.Uint <= k && k <= reflect.Uintptr }
