// Package requirements is the list of what the runtime specification asks of a
// runtime on Linux: every sentence with one of its keywords, in our own words, with
// the tests that look whether a runtime keeps it, or why none does.
package requirements

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed requirements.json
var list []byte

// A Requirement is one thing that the specification asks for.
type Requirement struct {
	ID string `json:"id"`
	// Section is the file and the section in which it is stated first.
	Section string `json:"section"`
	// Level is the strictest keyword (RFC 2119) that states it.
	Level string `json:"level"`
	// At are the places where it is stated: file, line and the keywords there.
	At []string `json:"at"`
	// Says is the requirement, as we understand it.
	Says string `json:"says"`
	// Tests are the tests that look for it, subtests by their full names.
	Tests []string `json:"tests,omitempty"`
	// Why says why there is none.
	Why string `json:"why,omitempty"`
}

// List returns all requirements, in the order of the specification.
func List() ([]Requirement, error) {
	var all []Requirement
	return all, json.Unmarshal(list, &all)
}

// Tests returns the names of all tests, and the requirement that each looks for.
func Tests() (map[string]string, error) {
	all, err := List()
	if err != nil {
		return nil, err
	}
	tests := map[string]string{}
	for _, r := range all {
		for _, name := range r.Tests {
			tests[name] = r.ID
		}
	}
	return tests, nil
}

// place splits an element of At into the place and the keywords there.
func place(at string) (where string, keywords []string) {
	where, words, _ := strings.Cut(at, " ")
	return where, strings.Split(words, ", ")
}
