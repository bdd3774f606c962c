package podman

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// plain is an ordinary user, with a range of ids for containers, and a group that no container knows.
const (
	plain   = 4242
	keeping = 4300
)

const (
	home       = "/run/plain"
	runtimeDir = "/run/user/4242"
)

// users makes the user and the range from which --userns=auto takes.
func users() error {
	for path, line := range map[string]string{
		"/etc/passwd": "plain:x:4242:4242::" + home + ":/bin/sh\ncontainers:x:4243:4243::/:/bin/false\n",
		"/etc/group":  "plain:x:4242:\ncontainers:x:4243:\n",
		"/etc/subuid": "plain:2000000:65536\ncontainers:3000000:1000000\n",
		"/etc/subgid": "plain:2000000:65536\ncontainers:3000000:1000000\n",
	} {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(line)
		if err := f.Close(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
	// slirp4netns is theirs to run
	tun := engines.Path("tun")
	if err := syscall.Mknod(tun, syscall.S_IFCHR|0o666, 10<<8|200); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(tun, 0o666), syscall.Mount(tun, "/dev/net/tun", "", syscall.MS_BIND, "")); err != nil {
		return err
	}
	for _, dir := range []string{home, home + "/.config", home + "/.config/containers", runtimeDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.Chown(dir, plain, plain); err != nil {
			return err
		}
	}
	return os.WriteFile(home+"/.config/containers/storage.conf", []byte(ownStorage), 0o644)
}

// ownStorage has an ordinary user's places: Podman 5 would take root's.
const ownStorage = `[storage]
driver = "overlay"
graphroot = "` + home + `/.local/share/containers/storage"
runroot = "` + runtimeDir + `/containers"
`

func TestEachContainerGetsIDsOfItsOwn(t *testing.T) {
	mapsMounts(t)
	h := engines.New(t)
	background(h, "first", "--userns=auto:size=2000", image, "sleep", "1000")
	background(h, "second", "--userns=auto:size=2000", "--volume="+volume(h)+":/v:idmap", image, "sleep", "1000")
	first, second := podman(h, "exec", "first", "cat", "/proc/self/uid_map"), podman(h, "exec", "second", "cat", "/proc/self/uid_map")
	expectMatch(h, first, "         0    300????       2000")
	expectMatch(h, second, "         0    300????       2000")
	if first == second {
		t.Error(first)
	}
	expect(h, podman(h, "exec", "second", "stat", "-c", "%u:%g", "/bin/busybox", "/v/file"), "0:0\n5:5")
	expect(h, podman(h, "run", "--rm", "--userns=auto", image, "sh", "-c", "ip -4 -o addr show eth0 | wc -l"), "1")
}

func TestIDsAreMappedAsTold(t *testing.T) {
	h := engines.New(t)
	got := podman(h, "run", "--rm", "--network=none", "--uidmap=0:100000:2000", "--gidmap=0:200000:2000", "--user=1000", image, "sh", "-c", "id -u; cat /proc/self/uid_map /proc/self/gid_map")
	expect(h, got, "1000\n         0     100000       2000\n         0     200000       2000")
	expect(h, podman(h, "run", "--rm", "--network=none", "--subuidname=containers", "--subgidname=containers", image, "cat", "/proc/self/uid_map"), "         0    3000000    1000000")
}

// rootless runs podman as the ordinary user, in a further group.
func rootless(h *harness.H, args ...string) harness.Result {
	h.Helper()
	return h.GoProgram(func(cmd *exec.Cmd) {
		cmd.Dir = home
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+runtimeDir, "TMPDIR="+home)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: plain, Gid: plain, Groups: []uint32{keeping}}}
	}, "podman", args...).Result()
}

// asUser begins a test of an ordinary user's, with the image in his own storage.
func asUser(t *testing.T) (*harness.H, func(args ...string) string) {
	t.Helper()
	h := engines.New(t)
	p := func(args ...string) string {
		t.Helper()
		r := h.Ok(rootless(h, args...))
		return r.Stdout
	}
	h.Cleanup(func() {
		p("rm", "--all", "--force", "--time=0")
		p("system", "migrate") // ends the process that keeps the user namespace
	})
	p("load", "--quiet", "--input", engines.Path("image.tar"))
	return h, p
}

func TestAnOrdinaryUserRunsContainers(t *testing.T) {
	h, p := asUser(t)
	expect(h, p("run", "--rm", "--network=none", image, "sh", "-c", "id -u; cat /proc/self/uid_map"), "0\n         0       4242          1\n         1    2000000      65536\n")
	expect(h, p("run", "--rm", "--network=none", "--userns=keep-id", "--volume="+home+":/h", image, "sh", "-c", "id -u; touch /h/own; stat -c %u:%g /h/own"), "4242\n4242:4242\n")
	expect(h, h.Host("stat -c %u:%g "+home+"/own"), "4242:4242\n")
	expect(h, p("run", "--rm", "--network=none", "--cap-drop=all", "--user=1000", "--security-opt=no-new-privileges", "--read-only", image, "id", "-u"), "1000\n")
	p("run", "--detach", "--name=box", "--network=none", image, "sh", "-c", obedient)
	expect(h, p("exec", "box", "id", "-u"), "0\n")
	if top := p("top", "box", "pid"); !strings.HasPrefix(top, "PID\n1\n") {
		t.Error(top)
	}
	h.Eventually("it started", func() bool { return p("logs", "box") == "started\n" })
	p("stop", "box")
	expect(h, p("inspect", "--format={{.State.ExitCode}} {{.OCIRuntime}}", "box"), "3 creel\n")
	if r := rootless(h, "run", "--rm", "--network=none", image, "nothing"); r.Status != 127 {
		t.Error(r)
	}
}

// What only his group may read is readable in a container that keeps his groups.
func TestAnOrdinaryUserKeepsHisGroups(t *testing.T) {
	engines.Differs(t, "runc", "the annotation is crun's and creel's")
	h, p := asUser(t)
	dir := h.Path("group")
	h.WriteFile(dir+"/file", "for the group\n", 0o040)
	h.Must(os.Chown(dir+"/file", 0, keeping))
	args := []string{"run", "--rm", "--network=none", "--volume=" + dir + ":/g"}
	expect(h, p(append(args, "--group-add=keep-groups", image, "cat", "/g/file")...), "for the group\n")
	if r := rootless(h, append(args, image, "cat", "/g/file")...); r.Status != 1 {
		t.Error(r)
	}
}

func TestAnOrdinaryUserHasNetworksAndPods(t *testing.T) {
	h, p := asUser(t)
	expect(h, p("run", "--rm", image, "sh", "-c", "ip -4 -o addr show tap0 | awk '{print $4}'"), "10.0.2.100/24\n")
	p("pod", "create", "--name=pod", "--hostname=his")
	defer p("pod", "rm", "--force", "--time=0", "pod")
	expect(h, p("run", "--rm", "--pod=pod", image, "hostname"), "his\n")
	expect(h, p("run", "--rm", "--network=host", image, "readlink", "/proc/self/ns/net"), h.Host("readlink /proc/self/ns/net"))
}
