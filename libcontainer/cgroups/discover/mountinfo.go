package discover

import (
	"strings"

	"github.com/creel-project/creel/internal/mountinfo"
)

// rank says how much of its hierarchy a mount shows, and where.
func rank(m mountinfo.Mount) int {
	rank := 0
	if m.Root == "/" {
		rank += 2
	}
	if m.Point == "/sys/fs/cgroup" || strings.HasPrefix(m.Point, "/sys/fs/cgroup/") {
		rank++
	}
	return rank
}

// parseMount reads a cgroup line of mountinfo. The options of its superblock name v1's controllers.
func parseMount(line string) (mountinfo.Mount, bool) {
	if !strings.Contains(line, " - cgroup") { // most are others', and need not be taken apart
		return mountinfo.Mount{}, false
	}
	m, ok := mountinfo.Parse(line)
	return m, ok && m.Super != "" && (m.Type == "cgroup" || isV2(m))
}

func isV2(m mountinfo.Mount) bool { return m.Type == "cgroup2" }
