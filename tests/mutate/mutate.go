// Package mutate makes wrong documents of a right one, to show that they are refused or taken, and crash nobody.
package mutate

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// values stand in the place of each value in turn: of every type of JSON, and numbers at the borders of Go's types.
var values = []string{
	"null", "true", `""`, `"` + strings.Repeat("x", 5000) + `"`, `"\u0000"`, "[]", "[null]", "{}", `{"":null}`,
	"-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e300",
}

// here is the value that a value is put in the place of.
const here = "the place of values"

// Each yields the JSON document once for each value in it and each wrong one in its place, with the path of the value.
func Each(document []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		root := []any{nil}
		decoder := json.NewDecoder(strings.NewReader(string(document)))
		decoder.UseNumber()
		if err := decoder.Decode(&root[0]); err != nil {
			panic(fmt.Sprintf("the document is wrong before: %v", err))
		}
		walk("", root[0], func(v any) { root[0] = v }, func(path string) bool {
			text, err := json.Marshal(root[0])
			if err != nil {
				panic(fmt.Sprintf("%s: %v", path, err))
			}
			before, after, _ := strings.Cut(string(text), `"`+here+`"`)
			for _, v := range values {
				if !yield(fmt.Sprintf("%s=%.40s", path, v), []byte(before+v+after)) {
					return false
				}
			}
			return true
		})
	}
}

// walk marks the place of v, which set can replace, and then those of the values in it.
func walk(path string, v any, set func(any), yield func(path string) bool) bool {
	set(here)
	if !yield(path) {
		return false
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
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !walk(path+"."+name, v[name], func(w any) { v[name] = w }, yield) {
				return false
			}
		}
	}
	return true
}

// Survives calls f, for the document of a path, and fails the test if that panics.
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
