package log

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func open(t testing.TB, path string, f Format, debug bool) *slog.Logger {
	t.Helper()
	l, err := Open(path, f, debug)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Handler().(*handler).w.(io.Closer).Close() })
	return l
}

// lines logs with say and returns the lines of the file.
func lines(t testing.TB, f Format, debug bool, say func(*slog.Logger)) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	say(open(t, path, f, debug))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func everyLevel(l *slog.Logger) {
	l.Debug("d")
	l.Info("i")
	l.Warn("w")
	l.Error("e")
}

const date = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)`

// odd has all that needs an escape, and bytes that are not UTF-8.
var odd = func() string {
	b := []byte("a \"quoted\" back\\slash é \u2028 \U0001f600 \ufffd bad \xff\xfe \xc3")
	for c := range byte(0x20) {
		b = append(b, c)
	}
	return string(append(b, 0x7f, 0x80, 0xed, 0xa0, 0x80))
}()

func TestJSONLinesHaveTheKeysThatEnginesReadInTheirOrder(t *testing.T) {
	got := lines(t, JSON, true, everyLevel)
	for i, start := range []string{`{"level":"debug","msg":"d"`, `{"level":"info","msg":"i"`, `{"level":"warning","msg":"w"`, `{"level":"error","msg":"e"`} {
		if !regexp.MustCompile(`^` + regexp.QuoteMeta(start) + `,"time":"` + date + `"\}$`).MatchString(got[i]) {
			t.Errorf("line %d: %s", i, got[i])
		}
	}
}

func TestTextLinesAreThoseOfLogrus(t *testing.T) {
	got := lines(t, Text, true, everyLevel)
	for i, end := range []string{`level=debug msg="d"`, `level=info msg="i"`, `level=warning msg="w"`, `level=error msg="e"`} {
		if !regexp.MustCompile(`^time="` + date + `" ` + regexp.QuoteMeta(end) + `$`).MatchString(got[i]) {
			t.Errorf("line %d: %s", i, got[i])
		}
	}
}

func TestDebugLinesComeOnlyWhenAskedFor(t *testing.T) {
	for _, f := range []Format{Text, JSON} {
		if got := lines(t, f, false, everyLevel); len(got) != 3 || strings.Contains(got[0], "debug") {
			t.Errorf("%q", got)
		}
	}
}

func TestEveryMessageIsOneLineWhateverIsInIt(t *testing.T) {
	got := lines(t, JSON, false, func(l *slog.Logger) { l.Error(odd) })
	var entry struct{ Level, Msg, Time string }
	if err := json.Unmarshal([]byte(got[0]), &entry); err != nil || len(got) != 1 || entry.Msg != string([]rune(odd)) {
		t.Errorf("%q: %v, message %q", got, err, entry.Msg)
	}
	got = lines(t, Text, false, func(l *slog.Logger) { l.Error(odd) })
	_, quoted, _ := strings.Cut(got[0], " msg=")
	if text, err := strconv.Unquote(quoted); err != nil || len(got) != 1 || text != odd {
		t.Errorf("%q: %v, message %q", got, err, text)
	}
}

func FuzzMessagesAreJSONStrings(f *testing.F) {
	f.Add(odd)
	f.Fuzz(func(t *testing.T, msg string) {
		line := appendJSON(nil, msg)
		var back string
		if err := json.Unmarshal(line, &back); err != nil || back != string([]rune(msg)) {
			t.Fatalf("%q became %q (%v)", msg, line, err)
		}
		if !utf8.Valid(line) || bytes.ContainsFunc(line, func(c rune) bool { return c < 0x20 || c == 0x7f }) {
			t.Fatalf("%q became %q", msg, line)
		}
	})
}

func TestALogIsAppendedToByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 6000)
	var wg sync.WaitGroup
	for range 8 {
		l := open(t, path, JSON, false)
		wg.Go(func() {
			for range 20 {
				l.Error(long)
			}
		})
	}
	wg.Wait()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(got) != 161 || got[0] != "before" {
		t.Fatalf("%d lines, the first %.40s", len(got), got[0])
	}
	for _, line := range got[1:] {
		if !strings.HasPrefix(line, `{"level":"error","msg":"`+long+`","time":"`) {
			t.Fatalf("a torn line: %.60s…", line)
		}
	}
}

func TestTheFormatIsTextOrJSON(t *testing.T) {
	for text, want := range map[string]Format{"": Text, "text": Text, "json": JSON} {
		if got, err := ParseFormat(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"xml", "JSON", "json "} {
		if _, err := ParseFormat(text); err == nil || !strings.Contains(err.Error(), strconv.Quote(text)) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none", "log"), Text, false); err == nil || !strings.HasPrefix(err.Error(), "--log: ") {
		t.Errorf("a log that cannot be: %v", err)
	}
}
