// Package podman tests Podman with creel where systemd makes the cgroups and starts containers as its services. It runs in
// the VM; what needs no systemd is in tests/podman.
package podman

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "notify" { // as a program in a container
		os.Exit(notify())
	}
	os.Exit(engines.MainInVM(m, prepare))
}

// image is the one that contrib/podman/web.container names.
const image = "docker.io/library/busybox:latest"

// prepare installs creel and its file for Podman, and gives root and the user the image. What Podman and systemd keep
// when the last container is gone is made by a first one.
func prepare() error {
	if err := engines.Install(map[string]string{"/etc/containers/containers.conf.d/creel.conf": "../../../contrib/podman/creel.conf"}); err != nil {
		return err
	}
	archive := engines.Path("image.tar")
	err := errors.Join(engines.Image{Name: image, Cmd: []string{"sh"}}.Archive(archive), os.Chmod(archive, 0o644), engines.Network())
	load := []string{"podman", "load", "--quiet", "--input", archive}
	for _, words := range [][]string{
		load, {"podman", "run", "--rm", image, "true"},
		slices.Concat(asUser, load),
		slices.Concat(asUser, []string{"podman", "system", "migrate"}), // ends the process that keeps the user namespace
	} {
		if err == nil {
			err = command(words)
		}
	}
	return err
}

func command(words []string) error {
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, out)
	}
	return nil
}

const userHome = "/home/creeltest"

// asUser are the words that run a program as the machine's ordinary user, as from a terminal of his.
var asUser = []string{"setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "--", "env", "--chdir=" + userHome, "USER=creeltest", "HOME=" + userHome, "TMPDIR=" + userHome,
	"XDG_RUNTIME_DIR=/run/user/1000", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"}

// An account is root's or the user's: where his files and his services' cgroups are, and how his programs run.
type account struct {
	name, units, slice string
	words              []string
	systemctl          []string
}

var (
	root = account{"root", "/etc/containers/systemd", "/system.slice", nil, []string{"systemctl"}}
	user = account{"the user", userHome + "/.config/containers/systemd", manager + "/app.slice", asUser, []string{"systemctl", "--user"}}
)

// manager is the cgroup of the user's systemd.
const manager = "/user.slice/user-1000.slice/user@1000.service"

// run runs a program of the account's that must succeed, and returns its output without the last newline.
func (a account) run(h *harness.H, args ...string) string {
	h.Helper()
	words := slices.Concat(a.words, args)
	return strings.TrimRight(h.Ok(h.Program(words[0], words[1:]...)).Stdout, "\n")
}

func (a account) podman(h *harness.H, args ...string) string {
	h.Helper()
	return a.run(h, append([]string{"podman"}, args...)...)
}

// background starts a container that is removed when the test ends, and returns its cgroup.
func (a account) background(h *harness.H, args ...string) (cgroup string) {
	h.Helper()
	h.Cleanup(func() {
		a.podman(h, "rm", "--force", "--time=0", "--ignore", "box")
		if len(a.words) > 0 {
			a.podman(h, "system", "migrate")
		}
	})
	a.podman(h, append([]string{"run", "--detach", "--network=none", "--name=box"}, args...)...)
	return a.podman(h, "inspect", "--format={{.State.CgroupPath}}", "box")
}

// gone fails the test unless neither the kernel nor Podman has anything left.
func (a account) gone(h *harness.H, cgroup string) {
	h.Helper()
	h.Eventually(cgroup+" is gone", func() bool {
		_, err := os.Stat(filepath.Join("/sys/fs/cgroup", cgroup))
		return errors.Is(err, os.ErrNotExist)
	})
	engines.Expect(h, a.podman(h, "ps", "--all", "--quiet"), "")
}

// notify is the program in a container: it says that it is ready (sd_notify(3)).
func notify() int {
	c, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err == nil {
		_, err = c.Write([]byte("READY=1\nSTATUS=in the container"))
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	time.Sleep(time.Hour)
	return 0
}
