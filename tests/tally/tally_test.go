package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tally runs a shell script as a tier and returns its record, output and error.
func tally(t *testing.T, script string) (record, string, error) {
	t.Helper()
	var out strings.Builder
	dir := t.TempDir()
	err := run(dir, "tier", []string{"sh", "-c", script}, &out)
	var r record
	b, readErr := os.ReadFile(filepath.Join(dir, "tier.json"))
	if readErr != nil {
		t.Fatalf("no record: %v", readErr)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r, out.String(), err
}

func TestTierIsCounted(t *testing.T) {
	tests := []struct {
		name, script            string
		passed, failed, skipped int
		says                    string
	}{
		{"a command without words that succeeds is one test", "true", 1, 0, 0, ""},
		{"a command without words that fails is one failure", "echo oh; exit 3", 0, 1, 0, "oh"},
		{"a closing line is taken at its word", "echo '7 passed, 0 failed'", 7, 0, 0, ""},
		{"a closing line may count skipped tests", "echo '7 passed, 0 failed, 2 skipped'", 7, 0, 2, ""},
		{"a failing status beats a clean closing line", "echo '7 passed, 0 failed'; exit 1", 7, 1, 0, "exit status 1"},
		{"an empty tier is a failure", "echo '0 passed, 0 failed'", 0, 1, 0, "ran no test"},
		{"a tier killed by a signal is a failure", "kill -9 $$", 0, 1, 0, "killed"},
		{"a leaf counts, its parent does not", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"run","Package":"p","Test":"A/x"}'
echo '{"Action":"pass","Package":"p","Test":"A/x"}'
echo '{"Action":"pass","Package":"p","Test":"A"}'
echo '{"Action":"pass","Package":"p"}'`, 1, 0, 0, "p: 1 tests"},
		{"a failing leaf fails its parent once", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"run","Package":"p","Test":"A/x"}'
echo '{"Action":"output","Package":"p","Test":"A/x","Output":"why\n"}'
echo '{"Action":"fail","Package":"p","Test":"A/x"}'
echo '{"Action":"fail","Package":"p","Test":"A"}'
echo '{"Action":"fail","Package":"p"}'
exit 1`, 0, 1, 0, "why"},
		{"a parent that fails after its subtests counts", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"run","Package":"p","Test":"A/x"}'
echo '{"Action":"pass","Package":"p","Test":"A/x"}'
echo '{"Action":"fail","Package":"p","Test":"A"}'
echo '{"Action":"fail","Package":"p"}'
exit 1`, 1, 1, 0, ""},
		{"the seeds of a fuzz test are one test", `
echo '{"Action":"run","Package":"p","Test":"FuzzA"}'
echo '{"Action":"run","Package":"p","Test":"FuzzA/seed#0"}'
echo '{"Action":"pass","Package":"p","Test":"FuzzA/seed#0"}'
echo '{"Action":"pass","Package":"p","Test":"FuzzA"}'
echo '{"Action":"pass","Package":"p"}'`, 1, 0, 0, ""},
		{"a test that was running when the package crashed failed", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"output","Package":"p","Test":"A","Output":"panic: oh\n"}'
echo '{"Action":"fail","Package":"p"}'
exit 2`, 0, 1, 0, "panic: oh"},
		{"a package whose end is never told failed", `
echo '{"Action":"start","Package":"p"}'
exit 2`, 0, 1, 0, "FAIL"},
		{"a package that does not build failed", `
echo '{"ImportPath":"p","Action":"build-output","Output":"p.go:1: syntax\n"}'
echo '{"ImportPath":"p","Action":"build-fail"}'
echo '{"Action":"start","Package":"p"}'
echo '{"Action":"fail","Package":"p","FailedBuild":"p"}'
exit 1`, 0, 1, 0, "p.go:1: syntax"},
		{"a status that no test explains is a failure", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"pass","Package":"p","Test":"A"}'
echo '{"Action":"pass","Package":"p"}'
exit 1`, 1, 1, 0, "although no test failed"},
		{"packages without tests are an empty tier", `
echo '{"Action":"start","Package":"p"}'
echo '{"Action":"skip","Package":"p"}'`, 0, 1, 0, "ran no test"},
		{"a skipped test tells its reason", `
echo '{"Action":"run","Package":"p","Test":"A"}'
echo '{"Action":"output","Package":"p","Test":"A","Output":"    a_test.go:3: needs a moon\n"}'
echo '{"Action":"skip","Package":"p","Test":"A"}'
echo '{"Action":"pass","Package":"p"}'`, 0, 0, 1, "needs a moon"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, out, err := tally(t, tt.script)
			if r.Passed != tt.passed || r.Failed != tt.failed || r.Skipped != tt.skipped {
				t.Errorf("counted %d, %d, %d; want %d, %d, %d\n%s",
					r.Passed, r.Failed, r.Skipped, tt.passed, tt.failed, tt.skipped, out)
			}
			if !strings.Contains(out, tt.says) {
				t.Errorf("output does not say %q:\n%s", tt.says, out)
			}
			if (err != nil) != (tt.failed > 0) {
				t.Errorf("error %v with %d failures", err, tt.failed)
			}
		})
	}
}

func TestSumEndsWithTheTotalAndCountsAMissingTierAsAFailure(t *testing.T) {
	dir := t.TempDir()
	if err := (record{Tier: "a", Passed: 3, Skipped: 1}).write(dir); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := sum(dir, []string{"a"}, &out); err != nil || !strings.HasSuffix(out.String(), "\n3 passed, 0 failed, 1 skipped\n") {
		t.Errorf("one good tier: %v\n%s", err, out.String())
	}
	out.Reset()
	if err := sum(dir, []string{"a", "b"}, &out); err == nil || !strings.HasSuffix(out.String(), "\n3 passed, 1 failed, 1 skipped\n") {
		t.Errorf("a missing tier: %v\n%s", err, out.String())
	}
}
