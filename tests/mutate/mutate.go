// Package mutate makes wrong documents of a right one.
package mutate

import (
	"encoding/json"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// values are what stands in the place of each value in turn: of every type of JSON, and numbers at the borders of Go's types.
var values = []any{
	nil, true, "", strings.Repeat("x", 5000), "a:b/c=d,e", "\x00", []any{}, []any{nil}, []any{[]any{}}, map[string]any{}, map[string]any{"": nil},
	json.Number("0"), json.Number("-1"), json.Number("9223372036854775807"), json.Number("-9223372036854775808"),
	json.Number("18446744073709551615"), json.Number("1e300"),
}

// Each replaces each value in a document of JSON in turn, and yields the path of the value with the document.
func Each(document []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		var root any
		decoder := json.NewDecoder(strings.NewReader(string(document)))
		decoder.UseNumber()
		if err := decoder.Decode(&root); err != nil {
			panic(fmt.Sprintf("the document is wrong before: %v", err))
		}
		walk("", root, func(v any) { root = v }, func(path string) bool {
			text, err := json.Marshal(root)
			if err != nil {
				panic(fmt.Sprintf("%s: %v", path, err))
			}
			return yield(path, text)
		})
	}
}

// walk sets the value v, which set can replace, to each of values, and then those in it.
func walk(path string, v any, set func(any), yield func(string) bool) bool {
	for i, wrong := range values {
		set(wrong)
		if !yield(fmt.Sprintf("%s = values[%d]", path, i)) {
			return false
		}
	}
	set(v)
	switch v := v.(type) {
	case []any:
		for i := range v {
			if !walk(fmt.Sprintf("%s[%d]", path, i), v[i], func(w any) { v[i] = w }, yield) {
				return false
			}
		}
	case map[string]any:
		for _, name := range sorted(v) {
			if !walk(path+"."+name, v[name], func(w any) { v[name] = w }, yield) {
				return false
			}
		}
	}
	return true
}

func sorted(object map[string]any) (names []string) {
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Survives calls f, for the document of a path, and is an error if that panics.
func Survives(t testing.TB, path string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			t.Errorf("%s: %v\n%s", path, p, debug.Stack())
		}
	}()
	f()
}
