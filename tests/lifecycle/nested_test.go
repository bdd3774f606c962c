package lifecycle

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// nested is root of a user namespace, as rootless engines run a runtime: its ids are
// the host's from 100000 on.
type nested struct {
	h    *harness.H
	home string
	pid  int // of a process that holds the namespace
}

func newNested(h *harness.H) *nested {
	h.Helper()
	n := &nested{h: h, home: h.Path("home"), pid: h.HeldUserNS(0)}
	h.Must(os.Mkdir(n.home, 0o755))
	h.Must(os.Chown(n.home, 100000, 100000))
	return n
}

// creel runs a command as that root.
func (n *nested) creel(args ...string) *harness.Process {
	n.h.Helper()
	return n.h.Go(func(c *exec.Cmd) {
		program := append([]string{c.Path, "--root", filepath.Join(n.home, "state")}, args...)
		c.Path, c.Err = exec.LookPath("nsenter")
		c.Args = append([]string{"nsenter", "--user", "--target", itoa(n.pid), "--"}, program...)
	})
}

func (n *nested) state(id string) (s harness.State) {
	n.h.Helper()
	n.h.Must(json.Unmarshal([]byte(n.h.Ok(n.creel("state", id).Result()).Stdout), &s))
	return s
}

// root makes a root filesystem of user id of the namespace.
func (n *nested) root(id int) harness.Mutate {
	n.h.Helper()
	dir := n.h.OwnRootAt("root" + itoa(id))
	n.h.Chown(dir, 100000+id, 100000+id)
	return harness.Root(dir)
}

func TestRootOfAUserNamespaceRunsAContainer(t *testing.T) {
	h := harness.New(t)
	n := newNested(h)
	b := h.Bundle(n.root(0), harness.Script(listDefaults+"; head -c 3 /dev/zero | wc -c; echo x >/dev/null; cat /proc/self/uid_map; hostname"))
	r := h.Ok(n.creel("run", "--bundle", b, "own").Result())
	// the nodes are the host's, which are nobody's here
	want := "/dev/null character special file 1:3 666 65534:65534 /dev/zero character special file 1:5 666 65534:65534 " +
		"/dev/full character special file 1:7 666 65534:65534 /dev/random character special file 1:8 666 65534:65534 " +
		"/dev/urandom character special file 1:9 666 65534:65534 /dev/tty character special file 5:0 666 65534:65534"
	expect(t, fields(r.Stdout), want+" 3 0 100000 65536 creel")
	expect(t, r.Stderr, "")
}

func TestAnOrdinaryUserWhoBecameRootWithUnshareRunsAContainer(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	root := h.OwnRoot()
	h.Chown(root, userID, userID)
	b := h.Bundle(harness.Root(root), noTTYGroup, harness.Script("id -u; stat -c %t:%T /dev/full; cat /proc/self/uid_map"))
	p := h.Go(func(c *exec.Cmd) {
		program := []string{c.Path, "--root", filepath.Join(u.home, "state"), "run", "--bundle", b, "own"}
		c.Path, c.Err = exec.LookPath("setpriv")
		c.Args = append([]string{"setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--", "unshare", "--user", "--map-root-user"}, program...)
	})
	r := h.Ok(p.Result())
	expect(t, fields(r.Stdout), "0 1:7 0 1000 1")
	expect(t, r.Stderr, "")
}

func TestListedDevicesForRootOfAUserNamespaceAreTheHosts(t *testing.T) {
	h := harness.New(t)
	n := newNested(h)
	root := n.root(0)
	b := h.Bundle(root, harness.Script("stat -c '%F %t:%T' /dev/kmsg /dev/fifo"), device("/dev/kmsg", "c", 1, 11), device("/dev/fifo", "p", 0, 0))
	r := h.Ok(n.creel("run", "--bundle", b, "own").Result())
	expect(t, fields(r.Stdout), "character special file 1:b fifo 0:0")
	h.Fails(n.creel("run", "--bundle", h.Bundle(root, device("/dev/kmsg", "c", 1, 12)), "own").Result(),
		"linux.devices[0]: /dev/kmsg: open the host's node c 1:12: the host has c 1:11: no such device")
}

func TestRootOfAUserNamespaceWithoutCgroupsIsToldSoOnlyWhenItAsksForThem(t *testing.T) {
	h := harness.New(t)
	n := newNested(h)
	root := n.root(0)
	h.Ok(n.creel("run", "--bundle", h.Bundle(root), "own").Result())
	limited := h.Bundle(root, func(s *specs.Spec) {
		s.Linux.Resources = &specs.LinuxResources{Pids: &specs.LinuxPids{Limit: harness.Ptr(int64(10))}}
	})
	h.Fails(n.creel("run", "--bundle", limited, "own").Result(), "linux.resources")
	h.Fails(n.creel("--rootless", "false", "run", "--bundle", h.Bundle(root), "own").Result(), "cgroup")
	expect(t, h.Ok(n.creel("list", "--quiet").Result()).Stdout, "")
}

// A user namespace within the one that creel runs in has the helper of one on the host.
func TestRootOfAUserNamespaceGivesContainersTheirOwn(t *testing.T) {
	h := harness.New(t)
	n := newNested(h)
	private := filepath.Join(n.home, "private")
	h.WriteFile(filepath.Join(private, "file"), "kept in private\n", 0o644)
	h.Chown(private, 100000, 100000)
	h.Must(os.Chmod(private, 0o700))
	root := n.root(1)
	bind := harness.Bind(filepath.Join(private, "file"), "/mnt", "ro")
	first := h.Bundle(root, harness.UserNS(1, 1000), bind, harness.Script("cat /mnt /proc/self/uid_map; exec sleep 1000"))
	c := n.creel("create", "--bundle", first, "first")
	h.Ok(c.Result())
	h.Ok(n.creel("start", "first").Result())
	h.Eventually("it speaks", func() bool { return contains(c.Output(), "1000\n") })
	expect(t, fields(c.Output()), "kept in private 0 1 1000")

	pid := n.state("first").Pid
	second := h.Bundle(root, bind, joins(pid, specs.UserNamespace, specs.PIDNamespace, specs.NetworkNamespace),
		harness.Script("cat /mnt; readlink /proc/self/ns/user; stat -c %t:%T /dev/zero"))
	got := h.Ok(n.creel("run", "--bundle", second, "second").Result()).Stdout
	expect(t, got, "kept in private\n"+h.ProcLink(pid, "ns/user")+"\n1:5\n")
	h.Ok(n.creel("delete", "--force", "first").Result())
}
