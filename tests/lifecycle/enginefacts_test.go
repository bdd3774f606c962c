package lifecycle

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A shim is a subreaper: it waits for the init of a container whose creator has ended.
func TestTheInitOfACreatedContainerIsTheNearestSubreapersChild(t *testing.T) {
	reapNothing(t)
	for name, m := range map[string]harness.Mutate{"one stage": func(*specs.Spec) {}, "two stages": harness.UserNS(0, 65536)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Create(h.Bundle(harness.Script("exit 7"), m))
			pid := h.State(c.ID).Pid
			has(t, h.ProcFile(pid, "status"), "\nPPid:\t"+itoa(os.Getpid())+"\n")
			h.Ok(h.Creel("start", c.ID))
			var ws unix.WaitStatus
			_, err := unix.Wait4(pid, &ws, 0, nil)
			h.Must(err)
			if ws.ExitStatus() != 7 {
				t.Errorf("it ended with status %d", ws.ExitStatus())
			}
		})
	}
}

// cgroupLines are the paths of a process's cgroups by hierarchy (cgroups(7)).
func cgroupLines(h *harness.H, pid int) map[string]string {
	h.Helper()
	paths := map[string]string{}
	for line := range strings.Lines(h.ProcFile(pid, "cgroup")) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		paths[f[1]] = f[2]
	}
	return paths
}

func TestWithoutAPathTheCgroupIsNamedByTheContainerInEveryHierarchy(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for hierarchy, path := range cgroupLines(h, h.State(c.ID).Pid) {
		if v1 := hierarchy != ""; v1 && harness.V2() {
			continue // the machine's own hierarchies, which are out of sight
		}
		if path != "/"+c.ID {
			t.Errorf("hierarchy %q: %s", hierarchy, path)
		}
	}
}

func TestAfterDeleteNoHierarchyHasACgroupOfTheContainer(t *testing.T) {
	h := harness.New(t)
	parent := h.ID()
	c := h.Started(h.Bundle(harness.Sleep, cgroupsPath("/"+parent+"/pod/web")))
	named := func() (found []string) {
		h.Must(filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && strings.HasSuffix(path, parent+"/pod/web") {
				found = append(found, path)
			}
			return nil // others come and go
		}))
		return found
	}
	if len(named()) == 0 {
		t.Error("no cgroup while it ran")
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	if left := named(); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// A new cpuset of v1 is empty, and takes no process before it has CPUs and nodes.
func TestACpusetOfV1InheritsFromAllAboveIt(t *testing.T) {
	if harness.V2() {
		t.Skip("a cpuset of v2 has what is above it by itself")
	}
	h := harness.New(t)
	parent := h.ID()
	c := h.Started(h.Bundle(harness.Sleep, cgroupsPath("/"+parent+"/pod/web")))
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		want := h.CgroupFile("cpuset", "/", file)
		for _, path := range []string{parent, parent + "/pod", parent + "/pod/web"} {
			if got := h.CgroupFile("cpuset", path, file); got != want || got == "" {
				t.Errorf("%s of %s is %q, want %q", file, path, got, want)
			}
		}
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
}

// containerd takes an error of kill for "it has ended" by one of these phrases, and any other for a failure.
var hasEnded = regexp.MustCompile(`(os: process already finished|container not running|no such process|container does not exist)$`)

func TestAKillThatComesTooLateSaysThatInAPhraseThatEnginesKnow(t *testing.T) {
	h := harness.New(t)
	late := 0
	for range 10 {
		c := h.Started(h.Bundle(harness.Args("/bin/true")))
		for range 4 {
			if r := h.Creel("kill", c.ID, "KILL"); r.Status != 0 {
				late++
				if r.Status != 1 || !hasEnded.MatchString(r.LastLine()) {
					t.Error(r)
				}
			}
		}
		h.Ok(h.Creel("delete", "--force", c.ID))
		if r := h.Creel("kill", c.ID, "KILL"); !strings.HasSuffix(r.LastLine(), "container does not exist") {
			t.Error(r)
		}
	}
	if late == 0 {
		t.Error("no kill came too late")
	}
}

// What engines make statuses of (127, 126) begins in lower case and ends the last line.
func TestCausesThatEnginesReadEndTheLastLine(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/text", "no program\n", 0o644)
	for program, want := range map[string]string{
		"nowhere": `exec: "nowhere": executable file not found in $PATH`, "/nowhere": `exec: "/nowhere": no such file or directory`,
		"/text": `exec: "/text": permission denied`, "/etc": `exec: "/etc": is a directory`,
	} {
		for _, command := range []string{"create", "run"} {
			r := h.Creel(command, "--bundle", h.Bundle(harness.Root(root), harness.Args(program)), h.ID())
			if r.Status != 1 || !strings.HasSuffix(r.LastLine(), want) {
				t.Errorf("%s: %s", program, r)
			}
		}
	}
}
