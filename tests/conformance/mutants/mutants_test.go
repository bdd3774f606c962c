package mutants

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/conformance/requirements"
)

// built is the directory with the suite, its probe and the wrong runtime.
func built(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../build/conformance")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir + "/wrong"); err != nil {
		t.Fatalf("%v (make conformance-mutants)", err)
	}
	return dir
}

func names(t *testing.T) (all []string) {
	t.Helper()
	tests, err := requirements.Tests()
	if err != nil {
		t.Fatal(err)
	}
	for name := range tests {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// expand finds the tests that a mutant's words stand for.
func expand(t *testing.T, m Mutant, all []string) (fails []string) {
	t.Helper()
	for _, word := range m.Fails {
		n := len(fails)
		for _, name := range all {
			if prefix, ok := strings.CutSuffix(word, "*"); name == word || ok && strings.HasPrefix(name, prefix) {
				fails = append(fails, name)
			}
		}
		if len(fails) == n {
			t.Errorf("%s: there is no test %s", m.Name, word)
		}
	}
	return fails
}

// pattern is what runs these tests, and perhaps others.
func pattern(tests []string) string {
	var level [2][]string
	for _, name := range tests {
		for i, part := range strings.SplitN(name, "/", 2) {
			if part = regexp.QuoteMeta(part); !slices.Contains(level[i], part) {
				level[i] = append(level[i], part)
			}
		}
	}
	p := "^(" + strings.Join(level[0], "|") + ")$"
	if level[1] != nil {
		p += "/^(" + strings.Join(level[1], "|") + ")$"
	}
	return p
}

var result = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+)`)

// suite runs tests of the suite on a wrong runtime, and returns how each ended. Where
// tests are to fail, they need not wait long for what does not come.
func suite(t *testing.T, m Mutant, tests []string, patience string) (map[string]string, string) {
	t.Helper()
	dir := built(t)
	args := []string{dir + "/suite", "-test.v", "-test.timeout=5m", "-test.run=" + pattern(tests)}
	if m.V2 {
		args = append([]string{"../../hack/cgroup2.sh"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ".." // where the suite's own sources are
	cmd.Env = append(os.Environ(), "CREEL="+dir+"/wrong", "WRONG="+m.Name, "REAL="+real(t), "PROBE="+dir+"/probe", "CREEL_TEST_PATIENCE="+patience, "CREEL_LEAK_PATIENCE="+patience)
	out, _ := cmd.CombinedOutput()
	ends := map[string]string{}
	for _, line := range result.FindAllStringSubmatch(string(out), -1) {
		ends[line[2]] = line[1]
	}
	return ends, string(out)
}

// real is the runtime that is not wrong.
func real(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CREEL")
	if path == "" {
		path = "../../../bin/creel"
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryMutantIsNoticed(t *testing.T) {
	all := names(t)
	for _, m := range All() {
		fails := expand(t, m, all)
		t.Run(strings.ReplaceAll(m.Name, " ", "_"), func(t *testing.T) {
			ends, out := suite(t, m, fails, "300ms")
			for _, name := range fails {
				if ends[name] != "FAIL" {
					t.Errorf("a runtime that %s passes %s (%s)", m.Name, name, ends[name])
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

// Where nothing is wrong, the detour through the wrong runtime changes nothing.
func TestWithoutAMistakeNothingFails(t *testing.T) {
	for _, v2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("v2=%v", v2), func(t *testing.T) {
			ends, out := suite(t, Mutant{V2: v2}, names(t), "20s")
			for _, name := range names(t) {
				if ends[name] != "PASS" && ends[name] != "SKIP" {
					t.Errorf("%s: %q", name, ends[name])
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func TestEveryTestIsFailedByAMutant(t *testing.T) {
	all := names(t)
	killed := map[string]bool{}
	for name := range requirements.Differs { // creel fails it by itself, which the suite looks for
		killed[name] = true
	}
	for _, m := range All() {
		for _, name := range expand(t, m, all) {
			killed[name] = true
		}
	}
	for _, name := range all {
		if !killed[name] {
			t.Errorf("no mutant makes %s fail", name)
		}
	}
}
