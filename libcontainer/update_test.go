package libcontainer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// alike is a running container, this very process, whose cgroup is a directory of plain files.
func alike(t *testing.T, files map[string]string) (c *Container, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "web")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ticks, err := procstat.StartTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return &Container{rt: &Runtime{}, id: "web", rec: &state.Record{
		Pid: os.Getpid(), StartTime: ticks,
		Cgroup: cgroups.Record{Driver: "v2", Path: "/web", Dirs: map[string]string{"": dir}},
	}}, dir
}

func TestWhetherMemoryInUseIsCheckedIsTheConfigsWordUnlessAnUpdateHasItsOwn(t *testing.T) {
	yes, no, limit := true, false, int64(4096)
	for _, tt := range []struct {
		config  bool
		update  *bool
		refused bool
	}{
		{false, nil, false}, {true, nil, true}, {false, &yes, true}, {true, &no, false},
	} {
		c, dir := alike(t, map[string]string{"memory.max": "max\n", "memory.swap.max": "max\n", "memory.current": "8192\n", "memory.peak": "9000\n"})
		c.rec.CheckMemory = tt.config
		err := c.Update(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit, CheckBeforeUpdate: tt.update}})
		if tt.refused != errors.Is(err, unix.EBUSY) || !tt.refused && err != nil {
			t.Errorf("%+v: %v", tt, err)
		}
		if tt.refused && !strings.Contains(err.Error(), "linux.resources.memory.limit 4096: the limit is below the usage: current usage 8192, peak usage 9000") {
			t.Errorf("%+v: %v", tt, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "memory.max"))
		if err != nil || strings.HasPrefix(string(text), "4096") == tt.refused {
			t.Errorf("%+v: memory.max is %q, %v", tt, text, err)
		}
	}
}

func TestWhatIsAskedToFreezeIsPaused(t *testing.T) {
	for text, want := range map[string]specs.ContainerState{"0\n": specs.StateRunning, "1\n": StatePaused} {
		c, dir := alike(t, map[string]string{"cgroup.freeze": text})
		if st, err := c.State(); err != nil || st.Status != want {
			t.Errorf("%q: %+v, %v", text, st, err)
		}
		if err := os.Remove(filepath.Join(dir, "cgroup.freeze")); err != nil {
			t.Fatal(err)
		}
		if st, err := c.State(); err != nil || st.Status != specs.StateRunning {
			t.Errorf("a kernel without a freezer: %+v, %v", st, err)
		}
		if err := os.Mkdir(filepath.Join(dir, "cgroup.freeze"), 0o755); err != nil {
			t.Fatal(err)
		}
		if st, err := c.State(); !errors.Is(err, unix.EISDIR) {
			t.Errorf("a freezer that cannot be read: %+v, %v", st, err)
		}
	}
}
