package foreign

import (
	"slices"
	"testing"
)

func TestDockersBridgesAreKnownByTheirNames(t *testing.T) {
	got := Bridges([]string{"lo", "docker0", "br-0123456789ab", "br-lan", "br-0123456789AB", "br-0123456789abc", "creel0", "docker1"})
	if !slices.Equal(got, []string{"docker0", "br-0123456789ab"}) {
		t.Errorf("%q", got)
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
