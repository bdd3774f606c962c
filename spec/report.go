package spec

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Together makes one report of what several judges found in a config: a line for each mistake, in the order in
// which runtime-spec lists the fields, and at the end what is about no field. Of a field that one judge has
// named, those behind it are not heard: they would say the same in other words. It is nil if nobody found anything.
func Together(judges ...error) error {
	var all []mistake
	for _, found := range judges {
		others := len(all)
		for _, err := range split(nil, found) {
			m := mistake{err: err}
			m.field, m.place = locate(err.Error())
			if !slices.ContainsFunc(all[:others], m.same) {
				all = append(all, m)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int {
		if a.place == nil || b.place == nil {
			return len(b.place) - len(a.place)
		}
		return slices.Compare(a.place, b.place)
	})
	errs := make([]error, len(all))
	for i, m := range all {
		errs[i] = m.err
	}
	return errors.Join(errs...)
}

// mistake is one line of a report.
type mistake struct {
	err   error
	field string // "mounts[2].options", "" for none
	place []int  // of the field: the numbers of fields and elements on the way to it
}

func (m mistake) same(o mistake) bool {
	return m.field == o.field && (m.field != "" || m.err.Error() == o.err.Error())
}

// split appends the errors that errors.Join made one of.
func split(to []error, err error) []error {
	switch {
	case err == nil:
		return to
	case reflect.TypeOf(err) != reflect.TypeOf(errors.Join(err)):
		return append(to, err)
	}
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		to = split(to, e)
	}
	return to
}

// locate finds the field that a message begins with.
func locate(msg string) (field string, place []int) {
	rest := msg
	for t := reflect.TypeFor[specs.Spec](); ; rest = rest[1:] {
		n := strings.IndexFunc(rest, func(r rune) bool { return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') })
		index, member := fieldOf(t, rest[:max(n, 0)])
		if member == nil {
			return field, place
		}
		rest, place, t = rest[n:], append(place, index...), member
		rest, place, t = elements(rest, place, t)
		field = msg[:len(msg)-len(rest)]
		if !strings.HasPrefix(rest, ".") {
			return field, place
		}
	}
}

// fieldOf finds the member of a struct that has a name in JSON.
func fieldOf(t reflect.Type, name string) (index []int, member reflect.Type) {
	if t.Kind() != reflect.Struct || name == "" {
		return nil, nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name {
			return f.Index, plain(f.Type)
		}
	}
	return nil, nil
}

// elements follows the indices and keys, [3] or ["key"], at the beginning of rest.
func elements(rest string, place []int, t reflect.Type) (string, []int, reflect.Type) {
	for strings.HasPrefix(rest, "[") && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		inside, n := rest[1:], 0
		if quoted, err := strconv.QuotedPrefix(inside); err == nil {
			inside = inside[len(quoted):]
		} else {
			end := max(strings.IndexByte(inside, ']'), 0)
			if n, err = strconv.Atoi(inside[:end]); err != nil {
				break
			}
			inside = inside[end:]
		}
		if !strings.HasPrefix(inside, "]") {
			break
		}
		rest, place, t = inside[1:], append(place, n), plain(t.Elem())
	}
	return rest, place, t
}

// plain is what a pointer points to.
func plain(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
