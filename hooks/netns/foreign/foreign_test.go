package foreign

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestDockersBridgesAreKnownByTheirNames(t *testing.T) {
	got := Bridges([]string{"lo", "docker0", "br-0123456789ab", "br-lan", "br-0123456789AB", "br-0123456789abc", "creel0", "docker1"})
	if !slices.Equal(got, []string{"docker0", "br-0123456789ab"}) {
		t.Errorf("%q", got)
	}
}

func TestAProgramsOutputAndItsWordsOnFailure(t *testing.T) {
	out, err := run("/bin/sh", []string{"-c", "cat; echo no >&2"}, strings.Repeat("text\n", 50000))
	if err != nil || len(out) != 250000 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	_, err = run("/bin/sh", []string{"-c", "(echo it is; echo broken) >&2; exit 3"}, "")
	var failed *exitError
	if !errors.As(err, &failed) || err.Error() != "/bin/sh: exit status 3: it is broken" {
		t.Errorf("%v", err)
	}
	if _, err = run("/bin/sh", []string{"-c", "kill -9 $$"}, ""); err == nil || !strings.HasSuffix(err.Error(), "signal: killed") {
		t.Errorf("%v", err)
	}
	if _, err = run("/nowhere/sh", nil, ""); err == nil || !strings.HasSuffix(err.Error(), "no such file or directory") {
		t.Errorf("%v", err)
	}
}

func TestFirewallsAreKnownByTheirNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range known {
		if seen[f.name()] {
			t.Errorf("two are named %s", f.name())
		}
		seen[f.name()] = true
	}
	if err := Dismiss("creel0", []string{"one of another version"}); err != nil {
		t.Error(err)
	}
}
