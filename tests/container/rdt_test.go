package container

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
	"github.com/creel-project/creel/libcontainer/rdt/rdttest"
	"github.com/creel-project/creel/spec"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// rdtWorld is a library's runtime on a machine with resctrl, which few test machines have.
func rdtWorld(t *testing.T) (*harness.H, *rdttest.FS, *libcontainer.Runtime) {
	h := harness.New(t)
	fs := rdttest.Mount(t)
	return h, fs, &libcontainer.Runtime{Root: h.Root, ResctrlRoot: fs.Dir}
}

// createIn creates a container that waits for start.
func createIn(h *harness.H, rt *libcontainer.Runtime, mutate ...harness.Mutate) (string, *libcontainer.Container, error) {
	h.Helper()
	b := h.Bundle(append([]harness.Mutate{harness.Script("sleep 100")}, mutate...)...)
	s, err := spec.Load(b)
	h.Must(err)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	h.Must(err)
	defer null.Close()
	id := h.ID()
	c, err := rt.Create(libcontainer.CreateOptions{ID: id, Bundle: b, Spec: s, Streams: libcontainer.Streams{Stdin: null, Stdout: null, Stderr: null}})
	return id, c, err
}

// end deletes a container in another process, which knows of its group from the record
// alone, and waits for its init, a child of ours.
func end(h *harness.H, c *libcontainer.Container) {
	h.Helper()
	h.Ok(h.Creel("delete", "--force", c.ID()))
	_, err := c.Wait()
	h.Must(err)
	c.Close()
}

func intelRdt(conf specs.LinuxIntelRdt) harness.Mutate {
	return func(s *S) { s.Linux.IntelRdt = &conf }
}

func TestInitIsInTheResctrlGroupAndDeleteRemovesIt(t *testing.T) {
	h, fs, rt := rdtWorld(t)
	conf := specs.LinuxIntelRdt{L3CacheSchema: "L3:0=f;1=f", EnableMonitoring: true}
	for _, more := range []harness.Mutate{func(*S) {}, shifted(h)} { // in one stage, and in two
		id, c, err := createIn(h, rt, intelRdt(conf), more)
		h.Must(err)
		pid := strconv.Itoa(c.Pid())
		if s := fs.Schemata(id); s != "MB:0=100;1=100\nL3:0=f;1=f\n" {
			t.Errorf("schemata are %q", s)
		}
		group, monitor := fs.Tasks(id), fs.Tasks(id+"/mon_groups/"+id)
		if len(group) != 1 || !slices.Equal(group, monitor) {
			t.Errorf("tasks %q, monitored %q, init is %s", group, monitor, pid)
		}
		if inOneStage := c.Pid() > 0 && group[0] == pid; inOneStage == hasUserNamespace(h, id) {
			t.Errorf("the group has process %s, init is %s: it must have been init or its parent", group[0], pid)
		}
		h.Must(c.UpdateRDT("", "MB:0=40;1=40"))
		if s := fs.Schemata(id); s != "MB:0=40;1=40\nL3:0=f;1=f\n" {
			t.Errorf("updated schemata are %q", s)
		}
		end(h, c)
		if left := fs.Groups(); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
}

// hasUserNamespace says whether the container's init is in another user namespace than ours.
func hasUserNamespace(h *harness.H, id string) bool {
	h.Helper()
	ours, err := os.Readlink("/proc/self/ns/user")
	h.Must(err)
	return h.ProcLink(h.State(id).Pid, "ns/user") != ours
}

func TestAGroupByClosIDOutlivesTheContainer(t *testing.T) {
	h, fs, rt := rdtWorld(t)
	_, c, err := createIn(h, rt, intelRdt(specs.LinuxIntelRdt{ClosID: "gold", MemBwSchema: "MB:0=20;1=20"}))
	h.Must(err)
	end(h, c)
	if left := fs.Groups(); !slices.Equal(left, []string{"gold"}) {
		t.Errorf("left: %q", left)
	}
}

func TestACreationThatFailsLeavesNoResctrlGroup(t *testing.T) {
	h, fs, rt := rdtWorld(t)
	for _, m := range []harness.Mutate{
		intelRdt(specs.LinuxIntelRdt{ClosID: "gold", Schemata: []string{"L9:0=1"}}),
		func(s *S) {
			intelRdt(specs.LinuxIntelRdt{Schemata: []string{"MB:0=50"}, EnableMonitoring: true})(s)
			s.Process.Args = []string{"nothing"}
		},
	} {
		if _, _, err := createIn(h, rt, m); err == nil {
			t.Error("it was created")
		}
		if left := fs.Groups(); len(left) > 0 || len(h.Containers()) > 0 {
			t.Errorf("left: groups %q, containers %q", left, h.Containers())
		}
	}
}

func TestAContainerWithoutResctrlGetsAGroupWhenItIsUpdated(t *testing.T) {
	h, fs, rt := rdtWorld(t)
	id, c, err := createIn(h, rt)
	h.Must(err)
	h.Must(c.Start())
	if err := c.UpdateRDT("L9:0=1", ""); err == nil || len(fs.Groups()) > 0 {
		t.Errorf("%v; groups %q", err, fs.Groups())
	}
	h.Must(c.UpdateRDT("L3:0=3;1=3", ""))
	if tasks := fs.Tasks(id); !slices.Contains(tasks, strconv.Itoa(c.Pid())) {
		t.Errorf("init, %d, is not among the tasks %q", c.Pid(), tasks)
	}
	end(h, c)
	if left := fs.Groups(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestWithoutResctrlAConfigThatWantsItIsAnError(t *testing.T) {
	h := harness.New(t)
	h.Fails(h.Run(h.Bundle(intelRdt(specs.LinuxIntelRdt{}))), "linux.intelRdt: no resctrl file system is mounted")
}

func TestEventsTellWhatResctrlCounts(t *testing.T) {
	h, fs, rt := rdtWorld(t)
	id, c, err := createIn(h, rt, intelRdt(specs.LinuxIntelRdt{L3CacheSchema: "L3:0=f;1=f", EnableMonitoring: true}))
	h.Must(err)
	h.Must(c.Start())
	fs.Set(id+"/mon_groups/"+id+"/mon_data/mon_L3_01/mbm_total_bytes", "4711")
	told := func() stats.IntelRdt {
		var e struct{ Data stats.Stats }
		h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("events", "--stats", id)).Stdout), &e))
		return e.Data.IntelRdt
	}
	s := told()
	if s.L3CacheSchema != "L3:0=f;1=f" || s.L3CacheSchemaRoot != "L3:0=7ff;1=7ff" || s.L3CacheInfo == nil || len(s.MBM) != 2 || s.MBM[1].TotalBytes != 4711 {
		t.Errorf("%+v", s)
	}
	h.Must(c.UpdateRDT("", "MB:0=40;1=40"))
	if s := told(); s.MemBwSchema != "MB:0=40;1=40" {
		t.Errorf("updated: %+v", s)
	}
	end(h, c)
}

func TestEventsTellNothingOfResctrlWithoutAGroup(t *testing.T) {
	h, _, rt := rdtWorld(t)
	id, c, err := createIn(h, rt)
	h.Must(err)
	if got := h.Ok(h.Creel("events", "--stats", id)).Stdout; !strings.Contains(got, `"intel_rdt":{},`) {
		t.Error(got)
	}
	end(h, c)
}
