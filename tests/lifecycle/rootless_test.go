package lifecycle

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// user is an ordinary user of the host, in files that only his commands see.
type user struct {
	h      *harness.H
	home   string
	groups string // how setpriv(1) sets his groups
}

const userID = 1000

func newUser(h *harness.H) *user {
	h.Helper()
	return newUserAt(h, "home")
}

func newUserAt(h *harness.H, home string) *user {
	h.Helper()
	u := &user{h: h, home: h.Path(home), groups: "--clear-groups"}
	h.WriteFile(h.Path("etc/passwd"), "root:x:0:0::/root:/bin/sh\ncreeltest:x:1000:1000::/:/bin/sh\n", 0o644)
	h.WriteFile(h.Path("etc/subuid"), "creeltest:200000:65536\n", 0o644)
	h.WriteFile(h.Path("etc/subgid"), "creeltest:300000:65536\n", 0o644)
	h.Must(os.Mkdir(u.home, 0o755))
	h.Must(os.Chown(u.home, userID, userID))
	return u
}

// creel runs a command as the user, whose state directory is below his home.
func (u *user) creel(args ...string) *harness.Process {
	u.h.Helper()
	return u.h.Go(func(c *exec.Cmd) {
		const script = `for f in passwd subuid subgid; do mount --bind "$0/$f" /etc/$f || exit 99; done
			exec setpriv --reuid 1000 --regid 1000 "$@"`
		program := append([]string{u.groups, "--", c.Path}, args...)
		c.Path, c.Err = exec.LookPath("unshare")
		c.Args = append([]string{"unshare", "--mount", "sh", "-c", script, u.h.Path("etc")}, program...)
		c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+u.home)
		c.Dir = u.home
	})
}

func (u *user) state(id string) (s harness.State) {
	u.h.Helper()
	u.h.Must(json.Unmarshal([]byte(u.h.Ok(u.creel("state", id).Result()).Stdout), &s))
	return s
}

// bundle makes a bundle of `creel spec --rootless`.
func (u *user) bundle(mutate ...harness.Mutate) string {
	u.h.Helper()
	dir := filepath.Join(u.home, "bundle")
	u.h.Must(os.MkdirAll(dir, 0o755))
	u.h.Must(os.Chown(dir, userID, userID))
	os.Remove(filepath.Join(dir, "config.json")) // of the bundle before
	u.h.Ok(u.creel("spec", "--rootless", "--bundle", dir).Result())
	path := filepath.Join(dir, "config.json")
	text, err := os.ReadFile(path)
	u.h.Must(err)
	var s specs.Spec
	u.h.Must(json.Unmarshal(text, &s))
	s.Process.Terminal, s.Root.Path = false, harness.Default().Root.Path
	for _, m := range mutate {
		m(&s)
	}
	text, err = json.Marshal(&s)
	u.h.Must(err)
	u.h.Must(os.WriteFile(path, text, 0o644))
	return dir
}

func TestAnOrdinaryUserRunsAContainer(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Script("cat /proc/self/uid_map; id -u; grep -c . /proc/self/mountinfo; readlink /proc/1/exe; hostname"))
	r := h.Ok(u.creel("run", "--bundle", b, "own").Result())
	has(t, fields(r.Stdout), "0 1000 1 0 ", "/bin/busybox creel")
	if r.Stderr != "" {
		t.Error(r)
	}
}

func TestTheStateOfAnOrdinaryUserLiesInHisRuntimeDirectory(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Sleep)
	h.Ok(u.creel("create", "--bundle", b, "own").Result())
	info, err := os.Stat(filepath.Join(u.home, "creel"))
	h.Must(err)
	expect(t, info.Mode().String(), "dtrwx------")
	h.Ok(u.creel("start", "own").Result())
	has(t, h.Ok(u.creel("list").Result()).Stdout, "own", "running", "creeltest")
	h.Fails(u.creel("delete", "own").Result(), "not stopped")
	h.Ok(u.creel("kill", "own", "KILL").Result())
	h.Eventually("it is stopped", func() bool { return u.creel("delete", "own").Result().Status == 0 })
}

func TestAnOrdinaryUserExecutesAProcessInHisContainer(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Args("/bin/sleep", "1000"))
	h.Ok(u.creel("run", "--detach", "--bundle", b, "own").Result())
	const script = `echo $(($$ > 1)) $PPID; id -u; for n in user mnt pid net ipc uts; do
		[ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo another $n; done; cat /proc/1/comm; exit 5`
	r := u.creel("exec", "own", "sh", "-c", script).Result()
	if r.Status != 5 || r.Stdout != "1 0\n0\nsleep\n" {
		t.Error(r)
	}
	p, term := func() (*harness.Process, *harness.FDSocket) {
		s := h.FDSocket("console")
		h.Must(os.Chmod(h.Path("console"), 0o777))
		return u.creel("exec", "--detach", "--tty", "--console-socket", h.Path("console"), "own", "sh", "-c", "tty; sleep 1000"), s
	}()
	f, _ := term.Receive()
	h.NewTerminal(f).Says("/dev/pts/0")
	h.Ok(p.Result())
	h.Ok(u.creel("mount", "add", "own", "type=tmpfs,dst=/tmp,size=1m").Result())
	expect(t, h.Ok(u.creel("exec", "own", "sh", "-c", "touch /tmp/x; ls /tmp").Result()).Stdout, "x\n")
	h.Ok(u.creel("mount", "remove", "own", "/tmp").Result())
	h.Fails(u.creel("mount", "add", "own", "src=/etc,dst=/tmp").Result(), "operation not permitted")
	h.Ok(u.creel("delete", "--force", "own").Result())
}

func TestWithoutACgroupSIGKILLReachesTheFirstProcess(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Args("/bin/sleep", "1000"), harness.NoNamespace(specs.PIDNamespace))
	h.Ok(u.creel("create", "--bundle", b, "own").Result())
	h.Ok(u.creel("start", "own").Result())
	h.Ok(u.creel("kill", "own", "0").Result())
	h.Ok(u.creel("kill", "own", "KILL").Result())
	h.Eventually("it is deleted", func() bool { return u.creel("delete", "own").Result().Status == 0 })
	h.Fails(u.creel("kill", "own", "KILL").Result(), "container does not exist")
}

func TestWithoutACgroupKillOfAStoppedContainerFails(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Args("/bin/true"), harness.NoNamespace(specs.PIDNamespace))
	h.Ok(u.creel("run", "--detach", "--bundle", b, "own").Result())
	h.Eventually("it is stopped", func() bool { return u.creel("kill", "own", "0").Result().Status != 0 })
	h.Fails(u.creel("kill", "own", "KILL").Result(), "container not running")
	h.Ok(u.creel("delete", "own").Result())
}

func TestAnOrdinaryUserMapsHisSubordinateIds(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Script("cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g; id -G; cat /proc/self/setgroups"), func(s *specs.Spec) {
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}, {ContainerID: 1, HostID: 200000, Size: 65536}}
		s.Linux.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}, {ContainerID: 1, HostID: 300000, Size: 65536}}
		s.Process.User = specs.User{UID: 7, GID: 8, AdditionalGids: []uint32{9, 10}}
	})
	r := h.Ok(u.creel("run", "--bundle", b, "own").Result())
	expect(t, fields(r.Stdout), "0 1000 1 1 200000 65536 0 1000 1 1 300000 65536 7 8 8 9 10 allow")
}

func TestIdsThatAreNotGrantedAreRefusedWithTheirField(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(func(s *specs.Spec) {
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}, {ContainerID: 1, HostID: 500000, Size: 10}}
	})
	log := filepath.Join(u.home, "log")
	h.Fails(u.creel("--log", log, "run", "--bundle", b, "own").Result(), "linux.uidMappings", "newuidmap", "500000")
	text, err := os.ReadFile(log)
	h.Must(err)
	has(t, string(text), "newuidmap: uid range", "not allowed") // its own words
}

// creelWith runs creel as the user with a newuidmap of the test's.
func (u *user) creelWith(newuidmap string, args ...string) *harness.Process {
	u.h.Helper()
	u.h.WriteFile(u.h.Path("bin/newuidmap"), newuidmap, 0o755)
	return u.h.Go(func(c *exec.Cmd) {
		c.Args = append([]string{"setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--", c.Path, "--root", filepath.Join(u.home, "state")}, args...)
		c.Path, c.Err = exec.LookPath("setpriv")
		c.Env = []string{"PATH=" + u.h.Path("bin")}
		c.Stdin = strings.NewReader("the caller's")
	})
}

func TestWhatNewuidmapSaysIsPartOfTheError(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(subordinateUser, noTTYGroup)
	const script = "#!/bin/sh\necho to nobody; read line; echo \"cannot map, read '$line'\" >&2; exit 3\n"
	r := h.Fails(u.creelWith(script, "run", "--bundle", b, "own").Result(), "linux.uidMappings", `"cannot map, read ''"`, "exit status 3")
	if n := strings.Count(r.Stderr, "\n"); r.Stdout != "" || n != 1 {
		t.Errorf("it wrote to the container's streams: %q and %d lines, %q", r.Stdout, n, r.Stderr)
	}
}

func TestANewuidmapThatHangsIsEnded(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(subordinateUser, noTTYGroup)
	h.Fails(u.creelWith("#!/bin/sh\n/bin/sleep 1000\n", "run", "--bundle", b, "own").Result(), "linux.uidMappings", "newuidmap", "timed out after 10 s, killed")
}

func subordinateUser(s *specs.Spec) {
	s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 200000, Size: 10}}
	s.Linux.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}}
}

func TestAnOrdinaryUserIsToldThatNewuidmapIsMissing(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(subordinateUser, noTTYGroup)
	p := h.Go(func(c *exec.Cmd) {
		c.Args = []string{"setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--", c.Path, "--root", filepath.Join(u.home, "state"), "run", "--bundle", b, "own"}
		c.Path, c.Err = exec.LookPath("setpriv")
		c.Env = []string{"PATH=/nowhere"}
	})
	h.Fails(p.Result(), "linux.uidMappings", `"newuidmap": executable file not found in $PATH`)
}

func TestLimitsThatAnOrdinaryUserCannotSetAreRefused(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(func(s *specs.Spec) {
		s.Linux.Resources = &specs.LinuxResources{Pids: &specs.LinuxPids{Limit: harness.Ptr(int64(10))}}
	})
	r := h.Fails(u.creel("run", "--bundle", b, "own").Result(), "linux.resources")
	if r.LastLine() == "" {
		t.Error(r)
	}
}

func TestAnOrdinaryUsersSignalsAndHooksWork(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	mark := filepath.Join(u.home, "mark")
	hook := h.Script("hook", "id -u >> "+mark)
	l := []specs.Hook{{Path: hook, Env: []string{"PATH=/usr/bin:/bin"}}}
	b := u.bundle(func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{CreateRuntime: l, CreateContainer: l, Poststart: l, Poststop: l}
	}, harness.Args("/bin/true"))
	h.Ok(u.creel("run", "--bundle", b, "own").Result())
	text, err := os.ReadFile(mark)
	h.Must(err)
	// createContainer runs in the user namespace, where the user is root
	expect(t, string(text), fmt.Sprintf("%d\n0\n%[1]d\n%[1]d\n", userID))
}
