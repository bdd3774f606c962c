package spawn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAProgramIsFoundInPathIfItMayBeExecuted(t *testing.T) {
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
	path, _ := Beside("creel-x")
	if path != dir+"/yes/creel-x" {
		t.Errorf("%q", path)
	}
}
