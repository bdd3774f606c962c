package override

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func start() *specs.Spec {
	return &specs.Spec{
		Version: "1.3.0", Process: &specs.Process{Cwd: "/", Args: []string{"a", "b"}},
		Annotations: map[string]string{"a.b/c": "1"}, Linux: &specs.Linux{},
	}
}

func TestValuesAreChanged(t *testing.T) {
	for setting, want := range map[string]string{
		`process.cwd="/tmp"`:                            `"cwd":"/tmp"`,
		`/process/cwd="/a=b"`:                           `"cwd":"/a=b"`,
		`process.args[1]="c"`:                           `"args":["a","c"]`,
		`process.args.2="c"`:                            `"args":["a","b","c"]`,
		`/process/args/-="c"`:                           `"args":["a","b","c"]`,
		`process.args.0=null`:                           `"args":["b"]`,
		`linux.resources.pids.limit=5`:                  `"resources":{"pids":{"limit":5}}`,
		`linux.resources.memory.limit=9007199254740993`: `"limit":9007199254740993`,
		`linux.intelRdt={"closID":"x"}`:                 `"intelRdt":{"closID":"x"}`,
		`mounts.-.destination="/x"`:                     `"mounts":[{"destination":"/x"}]`,
		`/annotations/a.b~1c="2"`:                       `"annotations":{"a.b/c":"2"}`,
		`/annotations/x=y="2"`:                          `"x=y":"2"`,
		`process={"cwd":"/x","user":{"uid":0,"gid":0}}`: `"process":{"user":{"uid":0,"gid":0},"cwd":"/x"}`,
	} {
		s, err := Apply(start(), []string{setting})
		if err != nil {
			t.Errorf("%s: %v", setting, err)
			continue
		}
		if text, err := json.Marshal(s); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s makes %s, %v; want %s", setting, text, err, want)
		}
	}
}

func TestSettingsComeOneAfterAnother(t *testing.T) {
	s, err := Apply(start(), []string{`annotations=null`, `annotations.x="1"`, `annotations.y="2"`, `annotations.x=null`})
	if err != nil || len(s.Annotations) != 1 || s.Annotations["y"] != "2" {
		t.Errorf("the annotations are %v, %v", s.Annotations, err)
	}
	if s, err := Apply(start(), nil); err != nil || s.Process.Cwd != "/" {
		t.Error("nothing is to change")
	}
}

func TestWhatTheSpecificationDoesNotKnowIsRefused(t *testing.T) {
	for setting, want := range map[string]string{
		"process.cwd":              "want PATH=JSON",
		`="x"`:                     "want PATH=JSON",
		"process.cwd=/tmp":         "the value is not JSON (a text has quotation marks)",
		`process.cdw="/tmp"`:       `unknown field "cdw"`,
		`process.CWD="/tmp"`:       `"CWD": the specification has no such member`,
		`Process.cwd="/tmp"`:       `"Process": the specification has no such member`,
		`process.cwd=5`:            "cannot unmarshal number",
		`process.cwd.x=5`:          `"x": there is neither an object nor a list`,
		`process.args.7="x"`:       `"7": the list has 2 elements`,
		`process.args.x="x"`:       `"x": the list has 2 elements`,
		`process.args.-=null`:      "there is nothing to take away",
		`linux.resources.pids=[1]`: "cannot unmarshal array",
	} {
		if s, err := Apply(start(), []string{setting}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v; want %s", setting, s, err, want)
		}
	}
}
