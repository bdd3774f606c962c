package requirements

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// specification is the directory of the specification's text, which comes with the
// Go module of its types.
func specification(t *testing.T) string {
	t.Helper()
	const module = "github.com/opencontainers/runtime-spec"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

func load(t *testing.T) []Requirement {
	t.Helper()
	all, err := List()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryKeywordOfTheSpecificationIsAccountedForOnce(t *testing.T) {
	lines, err := read(specification(t))
	if err != nil {
		t.Fatal(err)
	}
	claimed := map[string][]string{}
	for _, r := range load(t) {
		for _, at := range r.At {
			where, words := place(at)
			claimed[where] = append(claimed[where], words...)
		}
	}
	for where, line := range lines {
		slices.Sort(line.keywords)
		words := claimed[where]
		slices.Sort(words)
		if !slices.Equal(line.keywords, words) {
			t.Errorf("%s (%s) says %q, the list accounts for %q", where, line.section, line.keywords, words)
		}
		delete(claimed, where)
	}
	for where, words := range claimed {
		t.Errorf("%s: the list has %q, the specification nothing", where, words)
	}
}

func TestSectionsAndLevelsAreThoseOfTheSpecification(t *testing.T) {
	lines, err := read(specification(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range load(t) {
		var words []string
		for _, at := range r.At {
			_, w := place(at)
			words = append(words, w...)
		}
		if where, _ := place(r.At[0]); lines[where].section != r.Section {
			t.Errorf("%s is in section %q, not %q", r.ID, lines[where].section, r.Section)
		}
		strict := []string{"MUST", "MUST NOT", "SHALL", "SHALL NOT", "REQUIRED", "SHOULD", "SHOULD NOT", "RECOMMENDED", "NOT RECOMMENDED"}
		i := slices.IndexFunc(strict, func(w string) bool { return slices.Contains(words, w) })
		if i < 0 || r.Level != strict[i] {
			t.Errorf("%s has the keywords %q, and the level %q", r.ID, words, r.Level)
		}
	}
}

func TestEveryRequirementHasTestsOrAReason(t *testing.T) {
	ids, names := map[string]bool{}, map[string]bool{}
	for _, r := range load(t) {
		if ids[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		ids[r.ID] = true
		if (len(r.Tests) == 0) == (r.Why == "") {
			t.Errorf("%s has %d tests and the reason %q; one of the two is wanted", r.ID, len(r.Tests), r.Why)
		}
		for _, name := range r.Tests {
			if names[name] {
				t.Errorf("%s looks for two requirements", name)
			}
			names[name] = true
		}
	}
}

// Subtests are compared by the suite itself, whenever all of it runs.
func TestEveryTestOfTheSuiteIsOfARequirement(t *testing.T) {
	wanted := map[string]bool{}
	for _, r := range load(t) {
		for _, name := range r.Tests {
			function, _, _ := strings.Cut(name, "/")
			wanted[function] = true
		}
	}
	sources, err := filepath.Glob("../*_test.go")
	if err != nil || sources == nil {
		t.Fatalf("no sources of the suite: %v", err)
	}
	for _, source := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" {
				continue
			}
			if !wanted[f.Name.Name] {
				t.Errorf("%s of %s looks for no requirement", f.Name.Name, source)
			}
			delete(wanted, f.Name.Name)
		}
	}
	for name := range wanted {
		t.Errorf("there is no %s", name)
	}
}
