package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// walk visits each field of a description that the rules tell apart, and each element of which something was noted.
// pattern is the field without indices and keys.
func (n *Notes) walk(field, pattern string, value any, visit func(field, pattern string, value any)) {
	_, known := rules[pattern]
	if known && !n.below(field) {
		visit(field, pattern, value)
		return
	}
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 && field != "" {
			visit(field, pattern, value)
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if known {
				visit(Member(field, name), pattern, v[name])
				continue
			}
			name, at := spelled(pattern, name), v[name]
			n.walk(join(field, name), join(pattern, name), at, visit)
		}
	case []any:
		if !known {
			visit(field, pattern, value)
			return
		}
		for i, element := range v {
			visit(At(field, i), pattern, element)
		}
	default:
		visit(field, pattern, value)
	}
}

// At names an element of a list, Member one of a map whose keys are no fields.
func At(field string, i int) string   { return fmt.Sprintf("%s[%d]", field, i) }
func Member(field, key string) string { return fmt.Sprintf("%s[%q]", field, key) }

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// spelled is a member's name as the rules spell it: encoding/json does not look at the case of letters either.
func spelled(pattern, name string) string {
	want := join(pattern, name)
	for known := range rules {
		if len(known) >= len(want) && strings.EqualFold(known[:len(want)], want) &&
			(len(known) == len(want) || known[len(want)] == '.' || known[len(want)] == '[') {
			return known[len(want)-len(name) : len(want)]
		}
	}
	return name
}

// resolve turns targets into JSON pointers, and leaves out what the config does not have.
func resolve(config any, targets []string) (pointers []string) {
	for _, target := range targets {
		pointer, member, find := strings.Cut(target, "?")
		value, ok := follow(config, pointer)
		if !ok {
			continue
		}
		if !find {
			pointers = append(pointers, pointer)
			continue
		}
		name, want, _ := strings.Cut(member, "=")
		list, _ := value.([]any)
		for i, element := range list {
			if m, ok := element.(map[string]any); ok && m[name] == any(want) || name == "" && matches(element, want) {
				pointers = append(pointers, pointer+"/"+strconv.Itoa(i))
			}
		}
	}
	return pointers
}

// matches finds a variable NAME= in process.env, or a string.
func matches(element any, want string) bool {
	s, _ := element.(string)
	return s == want || strings.HasSuffix(want, "=") && strings.HasPrefix(s, want)
}

// follow finds what a JSON pointer points to.
func follow(value any, pointer string) (any, bool) {
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := value.(type) {
		case map[string]any:
			var ok bool
			if value, ok = v[part]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}
