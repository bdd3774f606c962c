package libcontainer

import (
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/mountinfo"
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

func parseViews(text string) (points []string) {
	for line := range strings.Lines(text) {
		if m, ok := mountinfo.Parse(line); ok && (m.Type == "proc" || m.Type == "sysfs") {
			points = append(points, m.Point)
		}
	}
	return points
}
