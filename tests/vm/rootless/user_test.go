package rootless

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// The machine's ordinary user and what /etc/subuid and /etc/subgid grant him (see image/build.sh).
const userID, firstSubUID, firstSubGID, subIDs = 1000, 200000, 300000, 65536

// manager is the cgroup that the machine's systemd delegates to the user's.
const manager = "/user.slice/user-1000.slice/user@1000.service"

// bundle makes a bundle that belongs to the user, from `creel spec --rootless`.
func bundle(h *harness.H, mutate ...harness.Mutate) string {
	h.Helper()
	dir := h.Bundle()
	path := filepath.Join(dir, "config.json")
	h.Must(os.Remove(path))
	h.Must(os.Chown(dir, userID, userID))
	h.Ok(plain(h, "spec", "--rootless", "--bundle", dir).Result())
	text, err := os.ReadFile(path)
	h.Must(err)
	var s specs.Spec
	h.Must(json.Unmarshal(text, &s))
	s.Process.Terminal, s.Root.Path = false, harness.Default().Root.Path
	if s.Linux.Resources == nil {
		s.Linux.Resources = &specs.LinuxResources{}
	}
	for _, m := range mutate {
		m(&s)
	}
	text, err = json.Marshal(&s)
	h.Must(err)
	h.Must(os.WriteFile(path, text, 0o644))
	return dir
}

// plain runs creel as the user in the cgroup of the tests, which is root's.
func plain(h *harness.H, args ...string) *harness.Process {
	h.Helper()
	return h.Go(func(c *exec.Cmd) { before(h, c, "setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "--") }, args...)
}

// service are the words that run a program as the user in a service of his own systemd.
var service = []string{"setpriv", "--reuid=1000", "--regid=1000", "--init-groups", "--",
	"systemd-run", "--user", "--quiet", "--collect", "--pipe", "--wait", "--property=Delegate=yes", "--"}

// delegated runs creel as the user in a service of his own systemd.
func delegated(h *harness.H, args ...string) *harness.Process {
	h.Helper()
	return h.Go(func(c *exec.Cmd) { before(h, c, service...) }, args...)
}

// inUserNS runs creel there as root of a user namespace.
func inUserNS(h *harness.H, args ...string) *harness.Process {
	h.Helper()
	return h.Go(func(c *exec.Cmd) {
		before(h, c, append(slices.Clip(service), "unshare", "--user", "--map-root-user", "--")...)
	}, args...)
}

// before puts words before a command, whose state directory the user gets.
func before(h *harness.H, c *exec.Cmd, words ...string) {
	h.Helper()
	h.Must(os.MkdirAll(h.Root, 0o700))
	h.Must(os.Chown(h.Root, userID, userID))
	c.Args = append(words, append([]string{c.Path}, c.Args[1:]...)...)
	c.Path, c.Err = exec.LookPath(words[0])
	c.Env = append(os.Environ(), "XDG_RUNTIME_DIR=/run/user/1000", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus", "HOME=/home/creeltest")
}
