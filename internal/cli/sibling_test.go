package cli

import (
	"strings"
	"testing"
)

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
