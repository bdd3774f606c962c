package cgroups

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

// nestedEnv makes the test binary run the inner half of the test below.
const nestedEnv = "CREEL_TEST_NESTED"

// In a container with a cgroup namespace, creel's cgroup is the root of what it sees.
func TestNestedInACgroupNamespace(t *testing.T) {
	if os.Getenv(nestedEnv) != "" {
		inner(t)
		return
	}
	outer := newGroup(t, Options{})
	if err := outer.Create(); err != nil {
		t.Fatal(err)
	}
	fd, _ := outer.SpawnFD()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestNestedInACgroupNamespace$", "-test.v")
	cmd.Env = append(os.Environ(), nestedEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: fd, Unshareflags: unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestNested") {
		t.Errorf("%v\n%s", err, out)
	}
}

func inner(t *testing.T) {
	if err := unix.Unmount(mountPoint, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", mountPoint, "cgroup2", 0, ""); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{ID: cgtest.Name()}, {ID: "x", CgroupsPath: cgtest.Name()}, {ID: "x", CgroupsPath: "/a/" + cgtest.Name()}} {
		g := newGroup(t, o)
		if err := g.Create(); err != nil {
			t.Fatal(err)
		}
		fd, ok := g.SpawnFD()
		if !ok {
			t.Fatal("no fd to spawn into")
		}
		pid := cgtest.Sleeper(t, fd).Process.Pid
		if err := g.ApplyEarly(defaults()); err != nil {
			t.Fatal(err)
		}
		now, err := g.OfProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := now.Record().Path, g.Record().Path; got != want {
			t.Errorf("the process is in %s, want %s", got, want)
		}
		now.Close()
		if err := g.Destroy(); err != nil {
			t.Fatal(err)
		}
	}
	if entries, err := os.ReadDir(mountPoint); err != nil || len(dirs(entries)) > 0 {
		t.Errorf("left: %v, %v", dirs(entries), err)
	}
}

func dirs(entries []os.DirEntry) []string {
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestRelativePathLiesBesideTheCallersOwnCgroup(t *testing.T) {
	outer := newGroup(t, Options{CgroupsPath: "/" + cgtest.Name() + "/own"})
	if err := outer.Create(); err != nil {
		t.Fatal(err)
	}
	if err := outer.Join(os.Getpid(), false); err != nil {
		t.Fatal(err)
	}
	defer os.WriteFile(mountPoint+"/cgroup.procs", []byte("0"), 0)
	g, err := New(Options{ID: "web", CgroupsPath: "../../a/web"})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	top, _, _ := strings.Cut(outer.Record().Path[1:], "/")
	if got, want := g.Record().Path, "/"+top+"/a/web"; got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}
