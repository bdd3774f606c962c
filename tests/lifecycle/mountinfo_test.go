package lifecycle

import (
	"slices"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

// mountLine is one mount of a container (proc_pid_mountinfo(5)).
type mountLine struct {
	point, root, fstype, source string
	options                     []string // of the mount
	super                       []string // of the file system
	peers                       []string // "shared:1", "master:2", "unbindable"
}

func (m *mountLine) has(option string) bool { return slices.Contains(m.options, option) }

// peer says whether a propagation field of this kind is there.
func (m *mountLine) peer(kind string) bool {
	return slices.ContainsFunc(m.peers, func(p string) bool { return strings.HasPrefix(p, kind) })
}

// parseMounts reads a mountinfo file in its order.
func parseMounts(h *harness.H, text string) (all []*mountLine) {
	h.Helper()
	for line := range strings.Lines(text) {
		left, right, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		f, g := strings.Fields(left), strings.Fields(right)
		if !ok || len(f) < 6 || len(g) < 3 {
			h.Fatalf("mountinfo: %q", line)
		}
		all = append(all, &mountLine{
			root: f[3], point: f[4], options: strings.Split(f[5], ","), peers: f[6:],
			fstype: g[0], source: g[1], super: strings.Split(g[2], ","),
		})
	}
	return all
}

// mountsOf runs a container and returns its mounts.
func mountsOf(h *harness.H, mutate ...harness.Mutate) []*mountLine {
	h.Helper()
	return parseMounts(h, h.Sh("cat /proc/self/mountinfo", mutate...))
}

// at returns the uppermost mount at a path.
func at(h *harness.H, all []*mountLine, point string) *mountLine {
	h.Helper()
	for _, m := range slices.Backward(all) {
		if m.point == point {
			return m
		}
	}
	h.Fatalf("nothing is mounted on %s", point)
	return nil
}
