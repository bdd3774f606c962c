package cgtest

import (
	"testing"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// StatsOf reads a cgroup's statistics until they are as wanted, at most for Patience, and returns the last ones: the kernel
// charges the time of a process when its tick comes or it is switched, so that a young one has none.
func StatsOf(t testing.TB, g interface{ Stats() (*stats.Stats, error) }, wanted func(*stats.Stats) bool) *stats.Stats {
	t.Helper()
	for end := time.Now().Add(Patience); ; time.Sleep(5 * time.Millisecond) {
		s, err := g.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if wanted(s) || time.Now().After(end) {
			return s
		}
	}
}
