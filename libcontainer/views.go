package libcontainer

import (
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/discover"
)

// hostViews returns the mount points of proc and sysfs that this process sees
// (proc(5), /proc/PID/mountinfo), in their order: of those at one place the last
// is on top. Only --no-pivot needs them, which leaves the host's mounts below the
// container's root.
func hostViews() ([]string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("--no-pivot: mounts of the host: %w", err)
	}
	return parseViews(string(text)), nil
}

func parseViews(mountinfo string) (points []string) {
	for line := range strings.Lines(mountinfo) {
		left, right, _ := strings.Cut(line, " - ")
		head, tail := strings.Fields(left), strings.Fields(right)
		if len(head) > 4 && len(tail) > 0 && (tail[0] == "proc" || tail[0] == "sysfs") {
			points = append(points, discover.Unescape(head[4]))
		}
	}
	return points
}
