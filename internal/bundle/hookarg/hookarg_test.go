package hookarg

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestAHookIsAddedToItsStage(t *testing.T) {
	s := &specs.Spec{Hooks: &specs.Hooks{Poststop: []specs.Hook{{Path: "/first"}}}}
	for _, stage := range []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"} {
		if err := Add(s, stage+`:/bin/`+stage+` --name 'a b' "c\"d" e\ f ''`); err != nil {
			t.Fatal(err)
		}
	}
	for stage, list := range stages(s.Hooks) {
		last := (*list)[len(*list)-1]
		if want := []string{"/bin/" + stage, "--name", "a b", `c"d`, "e f", ""}; last.Path != want[0] || !slices.Equal(last.Args, want) {
			t.Errorf("%s is %+v", stage, *list)
		}
	}
	if len(s.Hooks.Poststop) != 2 || s.Hooks.Poststop[0].Path != "/first" {
		t.Errorf("poststop is %+v", s.Hooks.Poststop)
	}
}

func TestWhatIsNoHookIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"/bin/true": "want STAGE:PATH", "start:/bin/true": `stage "start" is not one of`, "poststop:": "absolute path",
		"poststop:true": "absolute path", "poststop:/bin/true 'a": "quotation mark ' is not closed", `poststop:/bin/true \`: "last backslash",
		`poststop:"/bin/true`: "quotation mark \" is not closed",
	} {
		s := &specs.Spec{}
		if err := Add(s, text); err == nil || !strings.Contains(err.Error(), want) || s.Hooks != nil {
			t.Errorf("%s: the error is %v, want %s; hooks %v", text, err, want, s.Hooks)
		}
	}
}

func TestWordsAreSplitAsByTheShell(t *testing.T) {
	for text, want := range map[string][]string{
		"":                     nil,
		" a  b\tc\n":           {"a", "b", "c"},
		`a'b c'd`:              {"ab cd"},
		`'a\b' "a\b" "a\\b"`:   {`a\b`, `a\b`, `a\b`},
		`"$HOME" '*' ~ #x`:     {"$HOME", "*", "~", "#x"},
		`"" ''`:                {"", ""},
		`"it's" 'say "x"' ä\ö`: {"it's", `say "x"`, "äö"},
		`"a\$b"`:               {"a$b"},
	} {
		if got, err := Split(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is split into %q, %v; want %q", text, got, err, want)
		}
	}
}
