// Package report tells what became of every field of a container's description: where in the config it went, that it
// is the default, or why it cannot be expressed.
package report

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A Fate is what became of a field.
type Fate string

const (
	// Mapped fields are in the config.
	Mapped Fate = "mapped"
	// Default fields are unset, or have the value that Docker gives when nothing is asked for.
	Default Fate = "default"
	// Record fields are no settings: Docker notes there what the container is called, what it did, where its files are.
	Record Fate = "record"
	// Lost fields cannot be expressed in the config.
	Lost Fate = "lost"
)

// An Entry is one field that has a value.
type Entry struct {
	// Field is the field's path in the description, as HostConfig.Devices[0].PathOnHost.
	Field string `json:"field"`
	Fate  Fate   `json:"fate"`
	// Config are JSON pointers (RFC 6901) into config.json.
	Config []string `json:"config,omitempty"`
	// Why says why a field is lost, or what to know of how it was mapped.
	Why string `json:"why,omitempty"`
	// Value is what the field has.
	Value any `json:"value"`
}

// A Report has an entry for each field, in the order of their names.
type Report struct {
	Fields []Entry `json:"fields"`
}

// Lost returns the entries of what cannot be expressed.
func (r *Report) Lost() (lost []Entry) {
	for _, e := range r.Fields {
		if e.Fate == Lost {
			lost = append(lost, e)
		}
	}
	return lost
}

// Build makes the report of a description, as encoding/json decodes it, that became the config s. notes are what the
// mapping has to say beyond the rules of Fields.
func Build(description map[string]any, notes *Notes, s *specs.Spec) (*Report, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var config any
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	r, seen := &Report{}, map[string]bool{}
	notes.walk("", "", description, func(field, pattern string, value any) {
		e := Entry{Field: field, Value: value}
		e.Fate, e.Config, e.Why = judge(field, pattern, value, notes)
		e.Config = resolve(config, e.Config)
		if e.Fate == Mapped && len(e.Config) == 0 {
			e.Fate, e.Why = Lost, cmp.Or(e.Why, "nothing of it is in the config")
		}
		r.Fields = append(r.Fields, e)
		seen[field] = true
	})
	for field, n := range notes.of { // also of a field that the description leaves out
		if n.fate == Lost && !seen[field] {
			r.Fields = append(r.Fields, Entry{Field: field, Fate: Lost, Why: n.why})
		}
	}
	slices.SortStableFunc(r.Fields, func(a, b Entry) int { return cmp.Compare(a.Field, b.Field) })
	return r, nil
}

// judge says what became of a field: as the mapping noted, or else as the rules say.
func judge(field, pattern string, value any, notes *Notes) (Fate, []string, string) {
	if n, ok := notes.find(field); ok {
		return n.fate, n.targets, n.why
	}
	rule, ok := ruleOf(pattern)
	switch {
	case empty(value):
		return Default, nil, ""
	case !ok:
		return Lost, nil, "this version does not know the field"
	case slices.Contains(rule.defaults, text(value)):
		return Default, nil, ""
	}
	return rule.fate, rule.targets, rule.why
}

// empty says whether a value asks for nothing.
func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return e != json.Number("0") }) // as a console's size
	case string:
		return v == ""
	case bool:
		return !v
	case json.Number:
		return v == "0"
	}
	return false
}

// text is a value as JSON, a string as it is.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}
