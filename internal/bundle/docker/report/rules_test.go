package report

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// leaves visits each field of a description's type that is no struct: name is as in JSON.
func leaves(name string, t reflect.Type, visit func(name string)) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	text := reflect.TypeFor[encoding.TextMarshaler]()
	if t.Kind() != reflect.Struct || t.Implements(text) {
		visit(name)
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" {
			tag = f.Name
		}
		if tag == "-" {
			continue
		}
		leaves(join(name, tag), f.Type, visit)
	}
}

func TestTheReportKnowsEveryFieldOfADescription(t *testing.T) {
	seen := map[string]bool{}
	n := 0
	leaves("", reflect.TypeFor[container.InspectResponse](), func(name string) {
		n++
		if _, ok := ruleOf(name); !ok {
			t.Errorf("no rule for %s", name)
		}
		for name != "" {
			seen[name], name = true, parent(name)
		}
	})
	if n < 100 {
		t.Errorf("there are %d fields; were they walked?", n)
	}
	for name := range rules {
		if _, earlier := ofEarlier[name]; !seen[name] && !earlier {
			t.Errorf("there is a rule for %s, which no description has", name)
		}
		if _, earlier := ofEarlier[name]; seen[name] && earlier {
			t.Errorf("%s is a field of today", name)
		}
	}
}

func TestAFieldThatNobodyKnowsIsLost(t *testing.T) {
	if _, ok := ruleOf("HostConfig.TimeMachine"); ok {
		t.Error("a rule was found")
	}
	r := build(t, `{"HostConfig":{"TimeMachine":{"Year":1985},"Other":0}}`, &Notes{})
	if len(r.Lost()) != 1 || r.Lost()[0].Field != "HostConfig.TimeMachine.Year" || len(r.Fields) != 2 {
		t.Errorf("the report is %+v", r)
	}
}

func TestEveryRuleSaysWhereOrWhy(t *testing.T) {
	for name, r := range rules {
		if r.fate != Mapped && r.why == "" {
			t.Errorf("%s is %s for no reason", name, r.fate)
		}
		for _, target := range r.targets {
			if !strings.HasPrefix(target, "/") {
				t.Errorf("%s: %q is no JSON pointer", name, target)
			}
		}
	}
}

func build(t *testing.T, text string, notes *Notes) *Report {
	t.Helper()
	var doc map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	r, err := Build(doc, notes, &specs.Spec{
		Process:     &specs.Process{Args: []string{"a"}, Env: []string{"A=1", "B=2"}},
		Mounts:      []specs.Mount{{Destination: "/x"}, {Destination: "/etc/hosts"}},
		Annotations: map[string]string{"a/b~c": "d"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPointersLeadIntoTheConfig(t *testing.T) {
	notes := &Notes{}
	notes.Mapped("Config.Env[1]", "", "/process/env?=B=")
	notes.Mapped("Config.Labels", "", "/annotations/a~1b~0c", "/annotations/none")
	notes.Lost("Config.Env[0]", "why")
	r := build(t, `{"Path":"a","hostsPath":"/h","Config":{"Env":["A=1","B=2"],"Labels":{"a":"b"},"Tty":true},"RestartCount":0}`, notes)
	want := map[string]Entry{
		"Path":          {Fate: Mapped, Config: []string{"/process/args"}},
		"HostsPath":     {Fate: Mapped, Config: []string{"/mounts/1"}},
		"Config.Env[0]": {Fate: Lost, Why: "why"},
		"Config.Env[1]": {Fate: Mapped, Config: []string{"/process/env/1"}},
		"Config.Labels": {Fate: Mapped, Config: []string{"/annotations/a~1b~0c"}},
		"Config.Tty":    {Fate: Lost, Why: "nothing of it is in the config"},
		"RestartCount":  {Fate: Default},
	}
	for _, e := range r.Fields {
		w, ok := want[e.Field]
		w.Field, w.Value = e.Field, e.Value
		if !ok || !reflect.DeepEqual(e, w) {
			t.Errorf("got %+v, want %+v", e, w)
		}
		delete(want, e.Field)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
}

func TestWhatAsksForNothingIsADefault(t *testing.T) {
	for text, want := range map[string]bool{
		`null`: true, `""`: true, `0`: true, `false`: true, `[]`: true, `{}`: true, `[0,0]`: true,
		`"0"`: false, `1`: false, `true`: false, `[""]`: false, `"false"`: false, `{"a":0}`: false,
	} {
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if empty(v) != want {
			t.Errorf("%s is empty: %t", text, !want)
		}
	}
}

func TestATableDoesNotMoveTheCursor(t *testing.T) {
	r := &Report{Fields: []Entry{{Field: "a\x1b[2J\n", Fate: Lost, Value: "\u009b" + strings.Repeat("x", 100), Why: "b\tc"}}}
	var out strings.Builder
	if err := r.Table(&out); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u009b\t") || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the table is %q", out.String())
	}
}
