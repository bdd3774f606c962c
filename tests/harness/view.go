package harness

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// V2 says whether /sys/fs/cgroup is cgroup v2.
func V2() bool {
	var fs syscall.Statfs_t
	const cgroup2 = 0x63677270
	return syscall.Statfs("/sys/fs/cgroup", &fs) == nil && fs.Type == cgroup2
}

// Controller says whether the machine, as the tests see it, has a cgroup controller.
// Where v1 holds the controllers, the v2 view has few of them; the VM (tests/vm) has all.
func Controller(name string) bool {
	if !V2() {
		_, err := os.Stat("/sys/fs/cgroup/" + name)
		return err == nil
	}
	text, _ := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	return slices.Contains(strings.Fields(string(text)), name)
}

// Needs skips a test where a cgroup controller is missing: another view of the machine has it.
func Needs(t testing.TB, controller string) {
	t.Helper()
	if !Controller(controller) {
		t.Skipf("the %s controller is not in this view of the machine: another one has it", controller)
	}
}

// View names the machine's cgroup layout as the tests see it.
func View() string {
	if V2() {
		return "cgroup v2"
	}
	return "cgroup v1"
}

// CgroupDir returns the directory of a cgroup: that of the one tree on v2, that of
// the controller's tree on v1.
func CgroupDir(controller, path string) string {
	if V2() {
		return filepath.Join("/sys/fs/cgroup", path)
	}
	return filepath.Join("/sys/fs/cgroup", controller, path)
}

// CgroupFile reads a file of a cgroup, without its last newline.
func (h *H) CgroupFile(controller, path, file string) string {
	h.Helper()
	text, err := os.ReadFile(filepath.Join(CgroupDir(controller, path), file))
	h.Must(err)
	return strings.TrimSuffix(string(text), "\n")
}

// CgroupPids lists the processes of one cgroup.
func (h *H) CgroupPids(controller, path string) (pids []int) {
	h.Helper()
	for _, word := range strings.Fields(h.CgroupFile(controller, path, "cgroup.procs")) {
		pid, err := strconv.Atoi(word)
		h.Must(err)
		pids = append(pids, pid)
	}
	return pids
}

// AnyCgroup is a controller that the machine has on v1.
const AnyCgroup = "pids"
