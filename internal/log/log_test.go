package log

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func lines(t *testing.T, f Format, debug bool, say ...string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	l, err := Open(path, f, debug)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range say {
		l.Error(s)
	}
	l.Warn("careful")
	l.Debug("detail")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestJSONLinesHaveTheKeysThatEnginesReadInTheirOrder(t *testing.T) {
	odd := "a \"quoted\" back\\slash, new\nline, tab\t, bell\a, \x7f, bad \xff and é"
	got := lines(t, JSON, false, odd)
	if len(got) != 2 {
		t.Fatalf("%d lines: %q", len(got), got)
	}
	if !regexp.MustCompile(`^\{"level":"error","msg":".*","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"\}$`).MatchString(got[0]) {
		t.Errorf("line %s", got[0])
	}
	var entry struct{ Level, Msg, Time string }
	if err := json.Unmarshal([]byte(got[0]), &entry); err != nil {
		t.Fatalf("%v in %s", err, got[0])
	}
	if want := strings.ToValidUTF8(odd, "�"); entry.Msg != want {
		t.Errorf("message %q, want %q", entry.Msg, want)
	}
	if !strings.HasPrefix(got[1], `{"level":"warning","msg":"careful"`) {
		t.Errorf("line %s", got[1])
	}
}

func TestTextLinesAreThoseOfLogrus(t *testing.T) {
	got := lines(t, Text, true, "two\nlines")
	if len(got) != 3 || !regexp.MustCompile(`^time="[^"]+" level=error msg="two\\nlines"$`).MatchString(got[0]) || !strings.Contains(got[2], "level=debug") {
		t.Errorf("%q", got)
	}
}
