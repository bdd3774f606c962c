package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASiblingIsFoundInPathIfItMayBeExecuted(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"not/creel-x": 0o644, "yes/creel-x": 0o755, "later/creel-x": 0o755} {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", strings.Join([]string{".", dir + "/not", dir + "/yes", dir + "/later"}, ":"))
	t.Chdir(dir + "/later") // the current directory is no place for programs
	path, err := findProgram("creel-x")
	if err != nil || path != dir+"/yes/creel-x" {
		t.Errorf("%q, %v", path, err)
	}
}

func TestASiblingThatIsNotThereIsNamedWithThePlaces(t *testing.T) {
	t.Setenv("PATH", "/nowhere:relative")
	err := siblingNamed("bundle").exec(nil)
	if err == nil || !strings.HasPrefix(err.Error(), "creel bundle is the program creel-bundle: it is not in ") ||
		!strings.HasSuffix(err.Error(), ", /nowhere") {
		t.Errorf("%v", err)
	}
}

func TestOnlySiblingsAreSiblings(t *testing.T) {
	if siblingNamed("run") != nil || siblingNamed("netns") == nil {
		t.Error("run or netns")
	}
}
