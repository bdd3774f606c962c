// Package docker tests Docker with creel where dockerd is a service of systemd, which makes the cgroups. It runs in the
// VM; what needs no systemd is in tests/docker.
package docker

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

const image = "busybox"

func TestMain(m *testing.M) { os.Exit(engines.MainInVM(m, prepare)) }

// prepare installs creel and its file for Docker, and starts Docker as Debian has it.
func prepare() error {
	if err := engines.Install(map[string]string{"/etc/docker/daemon.json": "../../../contrib/docker/daemon.json"}); err != nil {
		return err
	}
	archive := engines.Path("image.tar")
	if err := (engines.Image{}).Rootfs(archive); err != nil {
		return err
	}
	for _, words := range [][]string{
		{"systemctl", "start", "docker.service"},
		{"docker", "import", archive, image},
		{"docker", "run", "--rm", "--network=host", image, "true"}, // dockerd keeps a mount of that network
	} {
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s%s", strings.Join(words, " "), err, out, journal())
		}
	}
	return nil
}

// journal is the end of what the daemons said.
func journal() string {
	out, _ := exec.Command("journalctl", "--no-pager", "--lines=40", "--unit=docker.service", "--unit=containerd.service").CombinedOutput()
	return string(out)
}

// begin begins a test; the daemons' journal says more of one that failed.
func begin(t *testing.T) *harness.H {
	h := harness.New(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(journal())
		}
	})
	return h
}

// docker runs a command that must succeed, and returns its output without spaces around it.
func docker(h *harness.H, args ...string) string {
	h.Helper()
	return strings.TrimSpace(h.Ok(h.Program("docker", args...)).Stdout)
}

// background starts a container that is removed when the test ends, and returns its scope's cgroup.
func background(h *harness.H, args ...string) (cgroup string) {
	h.Helper()
	h.Cleanup(func() { h.Program("docker", "rm", "--force", "box") })
	id := docker(h, append([]string{"run", "--detach", "--network=none", "--name=box"}, args...)...)
	return "/system.slice/docker-" + id + ".scope"
}
