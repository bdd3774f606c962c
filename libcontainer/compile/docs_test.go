package compile

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
)

const docs = "../../docs/"

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows returns what stands in code quotes in the first column of the tables
// under a heading.
func rows(text, heading string) []string {
	_, text, _ = strings.Cut(text, "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}

// TestEveryOperationIsDocumented compares docs/plan.md with the code.
func TestEveryOperationIsDocumented(t *testing.T) {
	var want []string
	for c := plan.Code(0); c.String() != "unknown"; c++ {
		want = append(want, c.String())
	}
	slices.Sort(want)
	if got := rows(readDoc(t, "plan.md"), "Operations"); !slices.Equal(got, want) {
		t.Errorf("docs/plan.md has %q\nthe code has    %q", got, want)
	}
}

// TestEveryFlagIsDocumented goes over the bits of a flag set, as they are printed.
func TestEveryFlagIsDocumented(t *testing.T) {
	_, fields, _ := strings.Cut(readDoc(t, "plan.md"), "| flag | means |")
	for bit := plan.Optional; bit <= plan.Keep; bit <<= 1 {
		var p plan.Plan
		o := plan.NewOp(plan.Setsid, "", "x")
		o.Flags = bit
		p.Add(o)
		word := p.Document("").Lines[0].Args
		if word == "" || !strings.Contains(fields, "\n| `"+word+"` |") {
			t.Errorf("docs/plan.md does not know the flag %q, bit %#x", word, bit)
		}
	}
}

// TestTestsThatTheDocsNameExist: a document that says what proves a defence is
// worth nothing when the test has another name by now.
func TestTestsThatTheDocsNameExist(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if path == "../../build" { // what is built beside this test comes and goes
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(docs + "*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	name := regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]+)`")
	for _, f := range append(files, "../../CONTRIBUTING.md", "../../README.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(tests.String(), "func "+m[1]+"(") {
				t.Errorf("%s names %s, which there is not", f, m[1])
			}
		}
	}
}

// TestLinksOfTheDocsLeadSomewhere follows the links to files of this tree.
func TestLinksOfTheDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	files, err := filepath.Glob(docs + "*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, f := range append(files, "../../CONTRIBUTING.md", "../../README.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(f), m[1])); err != nil {
				t.Errorf("%s: link to %s: %v", f, m[1], err)
			}
		}
	}
}
