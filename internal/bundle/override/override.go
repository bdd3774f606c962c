// Package override changes single values of a config: PATH=JSON.
package override

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Apply returns s with the values that the settings say, one after another. Each is PATH=JSON: PATH is a JSON pointer
// (RFC 6901), as /linux/resources/pids/limit, or the names with dots between them. What is not there is made; "-" stands
// for a new element of a list, and null takes away. A member that the specification does not know is an error.
func Apply(s *specs.Spec, settings []string) (*specs.Spec, error) {
	if len(settings) == 0 {
		return s, nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	for _, setting := range settings {
		if s, text, err = set(text, setting); err != nil {
			return nil, fmt.Errorf("%q: %w", setting, err)
		}
	}
	return s, nil
}

// set changes one value of a config, and returns it in both forms.
func set(text []byte, setting string) (*specs.Spec, []byte, error) {
	path, value, err := split(setting)
	if err != nil {
		return nil, nil, err
	}
	config, err := decode(text)
	if err != nil {
		return nil, nil, err
	}
	if config, err = put(config, path, value); err != nil {
		return nil, nil, err
	}
	if text, err = json.Marshal(config); err != nil {
		return nil, nil, err
	}
	s := new(specs.Spec)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(s); err != nil {
		return nil, nil, err
	}
	if err := spelled(reflect.TypeFor[specs.Spec](), path); err != nil {
		return nil, nil, err
	}
	return s, text, nil
}

// spelled refuses members whose names differ from those of the specification in the case of letters, which encoding/json
// takes for the same.
func spelled(t reflect.Type, path []string) error {
	for _, name := range path {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Slice, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			i := slices.IndexFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				return tag == name
			})
			if i < 0 {
				return fmt.Errorf("%q: the specification has no such member", name)
			}
			t = reflect.VisibleFields(t)[i].Type
		}
	}
	return nil
}

// split finds the path and the value: what follows the first equal sign that JSON follows.
func split(setting string) (path []string, value any, err error) {
	for i, c := range setting {
		if c != '=' || i == 0 {
			continue
		}
		if value, err = decode([]byte(setting[i+1:])); err == nil {
			return parts(setting[:i]), value, nil
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the value is not JSON (a text has quotation marks): %w", err)
	}
	return nil, nil, errors.New("want PATH=JSON")
}

// decode keeps numbers as they are written.
func decode(text []byte) (value any, err error) {
	if !json.Valid(text) {
		return nil, json.Unmarshal(text, &value)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// parts splits a path. Of dotted ones, mounts[0].options is mounts.0.options.
func parts(path string) []string {
	if pointer, ok := strings.CutPrefix(path, "/"); ok {
		list := strings.Split(pointer, "/")
		for i := range list {
			list[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(list[i])
		}
		return list
	}
	return strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
}

// put returns in with value at path.
func put(in any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	if list, ok := in.([]any); ok {
		return putElement(list, path, value)
	}
	members, ok := in.(map[string]any)
	if !ok {
		if in != nil {
			return nil, fmt.Errorf("%q: there is neither an object nor a list", path[0])
		}
		if _, err := strconv.Atoi(path[0]); err == nil || path[0] == "-" {
			return putElement(nil, path, value)
		}
		members = map[string]any{}
	}
	if len(path) == 1 && value == nil {
		delete(members, path[0])
		return members, nil
	}
	inner, err := put(members[path[0]], path[1:], value)
	members[path[0]] = inner
	return members, err
}

// putElement changes, adds or takes away an element of a list.
func putElement(list []any, path []string, value any) (any, error) {
	i := len(list)
	if path[0] != "-" {
		var err error
		if i, err = strconv.Atoi(path[0]); err != nil || i < 0 || i > len(list) {
			return nil, fmt.Errorf("%q: the list has %d elements; want one of them, the number that comes next or -", path[0], len(list))
		}
	}
	if len(path) == 1 && value == nil {
		if i == len(list) {
			return nil, fmt.Errorf("%q: the list has %d elements: there is nothing to take away", path[0], len(list))
		}
		return slices.Delete(list, i, i+1), nil
	}
	if i == len(list) {
		list = append(list, nil)
	}
	inner, err := put(list[i], path[1:], value)
	list[i] = inner
	return list, err
}
