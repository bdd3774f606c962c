package lifecycle

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// newLoneUser is a user whom nobody granted subordinate ids.
func newLoneUser(h *harness.H) *user {
	h.Helper()
	u := newUser(h)
	for _, file := range []string{"etc/subuid", "etc/subgid"} {
		h.WriteFile(h.Path(file), "somebody:200000:65536\n", 0o644)
	}
	return u
}

func TestAUserWithoutSubordinateIdsIsAloneInHisContainer(t *testing.T) {
	h := harness.New(t)
	u := newLoneUser(h)
	b := u.bundle(harness.Script("cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id -u; id -G; stat -c %u:%g /; chown 1 /dev/shm 2>&1; true"))
	r := h.Ok(u.creel("run", "--bundle", b, "own").Result())
	// nobody below 65534 is there; files of the host's root belong to him
	expect(t, fields(r.Stdout), "0 1000 1 0 1000 1 deny 0 0 65534:65534 chown: /dev/shm: Invalid argument")
	expect(t, r.Stderr, "")
}

func TestAUserWithoutSubordinateIdsIsToldWhatHeAsksForInVain(t *testing.T) {
	h := harness.New(t)
	u := newLoneUser(h)
	one := []specs.LinuxIDMapping{{HostID: userID, Size: 1}}
	for want, change := range map[string]harness.Mutate{
		`linux.uidMappings: map 0 1000 1 1 200000 10 (do /etc/subuid and /etc/subgid grant these ids?): run /usr/bin/newuidmap: `: func(s *specs.Spec) {
			s.Linux.UIDMappings = append(one, specs.LinuxIDMapping{ContainerID: 1, HostID: 200000, Size: 10})
		},
		`linux.gidMappings: map 0 1000 1 1 200000 10 (do /etc/subuid and /etc/subgid grant these ids?): run /usr/bin/newgidmap: `: func(s *specs.Spec) {
			s.Linux.GIDMappings = append(one, specs.LinuxIDMapping{ContainerID: 1, HostID: 200000, Size: 10})
		},
		"process.user.additionalGids": func(s *specs.Spec) { s.Process.User.AdditionalGids = []uint32{0} },
		"process.user":                func(s *specs.Spec) { s.Process.User.UID = 1 },
	} {
		r := u.creel("run", "--bundle", u.bundle(change), "own").Result()
		h.Fails(r, want)
		if r.Stdout != "" {
			t.Errorf("%s: %s", want, r)
		}
	}
	expect(t, h.Ok(u.creel("list", "--quiet").Result()).Stdout, "")
}

// The groups of the caller stay where setgroups(2) is denied: they may be what keeps him from a file.
func TestWhereSetgroupsIsDeniedTheCallersGroupsStay(t *testing.T) {
	h := harness.New(t)
	u := newLoneUser(h)
	u.groups = "--groups=1000,7"
	r := h.Ok(u.creel("run", "--bundle", u.bundle(harness.Script("id -G; cat /proc/self/setgroups; grep Groups /proc/self/status")), "own").Result())
	expect(t, fields(r.Stdout), "0 65534 deny Groups: 65534 0")
}

func TestAUsersBindMountsKeepTheFlagsThatAreLocked(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	source := h.Path("source")
	h.Must(os.Mkdir(source, 0o755))
	h.Must(unix.Mount("tmpfs", source, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_NOATIME, ""))
	t.Cleanup(func() { h.Must(unix.Unmount(source, unix.MNT_DETACH)) })
	const look = "grep ' /tmp ' /proc/self/mounts | cut -d ' ' -f 4"
	for option, want := range map[string]string{"": "rw,nosuid,nodev,noexec,noatime", "ro": "ro,nosuid,nodev,noexec,noatime", "nosuid": "rw,nosuid,nodev,noexec,noatime"} {
		got := h.Ok(u.creel("run", "--bundle", u.bundle(harness.Script(look), harness.Bind(source, "/tmp", option)), "own").Result()).Stdout
		has(t, got, want)
	}
	// who asks for one to be cleared hears that it cannot be
	for _, option := range []string{"exec", "suid", "dev", "strictatime"} {
		r := u.creel("run", "--bundle", u.bundle(harness.Bind(source, "/tmp", option)), "own").Result()
		h.Fails(r, source+" → /tmp: set options: operation not permitted")
	}
}

func TestWhatAUserCannotReadIsNamed(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	private := h.Path("private")
	h.WriteFile(private+"/file", "", 0o644)
	h.Must(harness.MakeRootfs(private + "/root"))
	h.Must(os.Chmod(private, 0o700))
	file := private + "/file"
	for want, change := range map[string]harness.Mutate{
		file + " → /tmp: open source: permission denied": harness.Bind(file, "/tmp"),
		"root.path: ":                         harness.Root(private + "/root"),
		"hooks.createRuntime[0]: run " + file: func(s *specs.Spec) { s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: file}}} },
		"linux.namespaces[": func(s *specs.Spec) {
			harness.Namespace(specs.NetworkNamespace, file)(s)
		},
	} {
		h.Fails(u.creel("run", "--bundle", u.bundle(change), "own").Result(), want, "permission denied")
	}
	b := u.bundle()
	h.Must(os.Chmod(filepath.Join(b, "config.json"), 0o600))
	h.Must(os.Chown(filepath.Join(b, "config.json"), 0, 0))
	h.Fails(u.creel("run", "--bundle", b, "own").Result(), filepath.Join(b, "config.json"), "permission denied")
	expect(t, h.Ok(u.creel("list", "--quiet").Result()).Stdout, "")
}

// Without a cgroup that was delegated to him the user's container stays in his own; what needs one says so.
func TestWithoutADelegatedCgroupTheContainerStaysInTheUsers(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	b := u.bundle(harness.Args("/bin/sleep", "1000"))
	h.Ok(u.creel("run", "--detach", "--bundle", b, "own").Result())
	pid := u.state("own").Pid
	expect(t, h.ProcFile(pid, "cgroup"), h.ProcFile(os.Getpid(), "cgroup"))
	h.Ok(u.creel("exec", "own", "true").Result())
	for _, args := range [][]string{{"pause", "own"}, {"update", "--pids-limit", "5", "own"}, {"events", "--stats", "own"}, {"ps", "own"}} {
		h.Fails(u.creel(args...).Result(), args[0]+" own: ", "the container has no cgroup")
	}
	h.Ok(u.creel("kill", "own", "KILL").Result())
	h.Eventually("it is deleted", func() bool { return u.creel("delete", "own").Result().Status == 0 })
}
