package lazyjson

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestErrorsNameThePathTheLineAndWhatTheFieldTakes(t *testing.T) {
	cases := []struct{ text, want string }{
		{`{"process": {"user": {"uid": "abc"}}}`,
			`process.user.uid: line 1, column 30: "abc" is a string, the field takes a whole number from 0 to 4294967295`},
		{"{\n \"linux\": {\n  \"namespaces\": [{\"type\": \"pid\"},\n   {\"type\": 7}]}}",
			`linux.namespaces[1].type: line 4, column 13: 7 is a number, the field takes a string`},
		{`{"process":{"user":{"uid":4294967296}}}`,
			`process.user.uid: line 1, column 27: 4294967296 is not a whole number from 0 to 4294967295`},
		{`{"process":{"oomScoreAdj":1.5}}`,
			`process.oomScoreAdj: line 1, column 27: 1.5 is not a whole number from -9223372036854775808 to 9223372036854775807`},
		{`{"linux":{"sysctl":{"net.ipv4.ip_forward":1}}}`,
			`linux.sysctl["net.ipv4.ip_forward"]: line 1, column 43: 1 is a number, the field takes a string`},
		{`{"root":"rootfs"}`, `root: line 1, column 9: "rootfs" is a string, the field takes an object`},
		{`{"root":[1,2]}`, `root: line 1, column 9: this is an array, the field takes an object`},
		{`{"mounts":{"destination":"/"}}`, `mounts: line 1, column 11: this is an object, the field takes an array`},
		{`{"process":{"terminal":"yes"}}`, `process.terminal: line 1, column 24: "yes" is a string, the field takes true or false`},
		{`{"hostname":true}`, `hostname: line 1, column 13: true is a boolean, the field takes a string`},
		{`{"hostname":"é","x":"y" "z"}`,
			`x: line 1, column 25: a comma or a closing brace is expected after this value, not '"'`},
		{`{"process":{"args":["a" "b"]}}`,
			`process.args[0]: line 1, column 25: a comma or a closing bracket is expected after this value, not '"'`},
		{`{"process":{"args":["a",]}}`, `process.args[1]: line 1, column 25: a value is expected, not ']'`},
		{`{"hostname":"a`, `hostname: line 1, column 15: the text ends inside a string`},
		{`{"hostname":`, `hostname: line 1, column 13: the text ends where a value is expected`},
		{`{"hostname"}`, `hostname: line 1, column 12: a colon is expected after the name "hostname", not '}'`},
		{`{hostname:1}`, `[""]: line 1, column 2: a member's name in double quotes is expected, not 'h'`},
		{`{"hostname":"\q"}`, `hostname: line 1, column 15: a backslash before 'q' is not an escape sequence`},
		{"{\"hostname\":\"a\nb\"}", `hostname: line 1, column 15: the control character '\n' in a string must be written as an escape`},
		{``, `line 1, column 1: the text ends where a value is expected`},
		{`{} {}`, `line 1, column 4: the text goes on after the value, with '{'`},
		{"\xef\xbb\xbf{}", `line 1, column 1: a value is expected, not '\ufeff'`},
		{`{"hostname":` + strings.Repeat("1", 100) + `}`,
			`hostname: line 1, column 13: ` + strings.Repeat("1", 60) + `… is a number, the field takes a string`},
	}
	for _, c := range cases {
		err := UnmarshalString(c.text, new(specs.Spec))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestAllValuesOfTheWrongTypeAreReportedTogether(t *testing.T) {
	err := UnmarshalString(`{"hostname":1,"process":{"cwd":2,"args":[3]}} x`, new(specs.Spec))
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	for i, prefix := range []string{"hostname: ", "process.cwd: ", "process.args[0]: ", "line 1, column 47: "} {
		if !strings.HasPrefix(lines[i], prefix) {
			t.Errorf("line %d is %q, and should begin with %q", i, lines[i], prefix)
		}
	}
	many := UnmarshalString(`{"process":{"args":[`+strings.Repeat("1,", 1000)+`1]}}`, new(specs.Spec))
	if n := strings.Count(many.Error(), "\n") + 1; n != maxErrors {
		t.Errorf("%d mistakes are reported of 1001", n)
	}
}

type refusing struct{}

func (*refusing) UnmarshalJSON([]byte) error { return io.ErrNoProgress }

func TestErrorsOfATypesOwnMethodAreWrapped(t *testing.T) {
	var v struct{ A struct{ B *refusing } }
	err := UnmarshalString(`{"a":{"b":5}}`, &v)
	if !errors.Is(err, io.ErrNoProgress) || err.Error() != "a.b: line 1, column 11: "+io.ErrNoProgress.Error() {
		t.Errorf("got %v", err)
	}
}

func TestThePathOfADeepMistakeStaysReadable(t *testing.T) {
	err := UnmarshalString(strings.Repeat("[", 500), new(any))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("got %v", err)
	}
}
