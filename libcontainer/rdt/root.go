package rdt

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/discover"
)

// ErrNotMounted is the error of Root where nobody has mounted resctrl: the
// processor or the kernel lacks it (CONFIG_X86_CPU_RESCTRL), or nobody wanted it.
var ErrNotMounted = errors.New("no resctrl file system is mounted")

// Root returns the mount point of the resctrl file system, the first one of several.
func Root() (string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", fmt.Errorf("find the resctrl file system: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if point, ok := resctrlMount(line); ok {
			return point, nil
		}
	}
	return "", ErrNotMounted
}

// resctrlMount reads "36 35 0:30 / /point opts optional… - resctrl source super". A
// bind mount of a group is not the file system.
func resctrlMount(line string) (point string, ok bool) {
	left, right, ok := strings.Cut(line, " - ")
	head := strings.Fields(left)
	if !ok || len(head) < 5 || head[3] != "/" || !strings.HasPrefix(right, "resctrl ") {
		return "", false
	}
	return discover.Unescape(head[4]), true
}
