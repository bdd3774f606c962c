package rdt

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/mountinfo"
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

// resctrlMount reads a line of a resctrl file system. A bind mount of a group is not the file system.
func resctrlMount(line string) (point string, ok bool) {
	m, ok := mountinfo.Parse(line)
	if !ok || m.Root != "/" || m.Type != "resctrl" {
		return "", false
	}
	return m.Point, true
}
