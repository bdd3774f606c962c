package link

import (
	"strings"
	"testing"
)

func TestNamesThatNoInterfaceCanHaveAreRefused(t *testing.T) {
	for _, name := range []string{"eth0", "creel0", "br-0123456789ab", "fifteen-letters", "ü"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"sixteen-letters0": "16 letters", "": "is no name", ".": "is no name", "..": "is no name", "a/b": "is no name", "a b": "is no name",
		"a:b": "is no name", "a%d": "is no name", "a\x00": "is no name", "lo": "is taken", "all": "is taken", "default": "is taken",
	} {
		if err := CheckName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
