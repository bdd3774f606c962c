package rdt

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/rdt/rdttest"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// made returns a group that was made.
func made(t *testing.T, fs *rdttest.FS, id string, conf specs.LinuxIntelRdt) *Group {
	t.Helper()
	g, err := New(fs.Dir, id, &conf)
	if err == nil {
		err = g.Create()
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAGroupIsNamedAfterTheContainerUnlessItHasAClosID(t *testing.T) {
	fs := rdttest.Mount(t)
	fs.Group(t, "there")
	own := made(t, fs, "web", specs.LinuxIntelRdt{})
	class := made(t, fs, "web2", specs.LinuxIntelRdt{ClosID: "gold", MemBwSchema: "MB:0=20"})
	found := made(t, fs, "web3", specs.LinuxIntelRdt{ClosID: "there"})
	old := made(t, fs, "there", specs.LinuxIntelRdt{})
	root := made(t, fs, "web4", specs.LinuxIntelRdt{ClosID: "/"})
	if got := fs.Groups(); !slices.Equal(got, []string{"gold", "there", "web"}) {
		t.Errorf("groups %q", got)
	}
	for _, g := range []*Group{own, class, found, old, root} {
		if err := Open(g.Record()).Destroy(); err != nil {
			t.Error(err)
		}
	}
	if got := fs.Groups(); !slices.Equal(got, []string{"gold", "there"}) {
		t.Errorf("only the container's own group is removed; there are %q", got)
	}
}

func TestSchemataAreWrittenInTheOrderOfTheSpecification(t *testing.T) {
	fs := rdttest.Mount(t)
	made(t, fs, "web", specs.LinuxIntelRdt{L3CacheSchema: "L3:0=f;1=f", MemBwSchema: "MB:0=20;1=20", Schemata: []string{"MB:0=30;1=30", "L3:0=3;1=3"}})
	want := []string{"web/schemata L3:0=f;1=f", "web/schemata MB:0=20;1=20", "web/schemata MB:0=30;1=30", "web/schemata L3:0=3;1=3"}
	if !slices.Equal(fs.Writes(), want) {
		t.Errorf("written %q", fs.Writes())
	}
	made(t, fs, "bare", specs.LinuxIntelRdt{})
	if len(fs.Writes()) != len(want) {
		t.Errorf("without a schema nothing is written: %q", fs.Writes())
	}
}

func TestAGroupThatIsThereMustHaveTheSchemataThatAreAskedFor(t *testing.T) {
	fs := rdttest.Mount(t)
	fs.Group(t, "gold") // MB:0=100;1=100, L3:0=7ff;1=7ff
	made(t, fs, "web", specs.LinuxIntelRdt{ClosID: "gold", L3CacheSchema: "L3:1=7FF;0=07ff", MemBwSchema: "MB:0=100"})
	for want, conf := range map[string]specs.LinuxIntelRdt{
		`linux.intelRdt.l3CacheSchema: "L3:0=f" is not what`: {ClosID: "gold", L3CacheSchema: "L3:0=f"},
		`linux.intelRdt.memBwSchema: "MB:2=100" is not what`: {ClosID: "gold", MemBwSchema: "MB:2=100"},
	} {
		g, err := New(fs.Dir, "web", &conf)
		if err == nil {
			err = g.Create()
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	made(t, fs, "web", specs.LinuxIntelRdt{ClosID: "gold", Schemata: []string{"MB:0=50;1=50"}})
	if got := fs.Schemata("gold"); !strings.Contains(got, "MB:0=50;1=50") {
		t.Errorf("schemata has its own words: %q", got)
	}
}

func TestAClosIDWithoutSchemaMustBeThere(t *testing.T) {
	fs := rdttest.Mount(t)
	_, err := New(fs.Dir, "web", &specs.LinuxIntelRdt{ClosID: "gold"})
	if !errors.Is(err, unix.ENOENT) || !strings.HasPrefix(err.Error(), "linux.intelRdt.closID: ") {
		t.Error(err)
	}
}

func TestMonitoringHasAGroupOfTheContainersOwn(t *testing.T) {
	fs := rdttest.Mount(t)
	fs.Group(t, "gold")
	a := made(t, fs, "a", specs.LinuxIntelRdt{ClosID: "gold", EnableMonitoring: true})
	b := made(t, fs, "b", specs.LinuxIntelRdt{EnableMonitoring: true})
	c := made(t, fs, "c", specs.LinuxIntelRdt{ClosID: "/", EnableMonitoring: true})
	if got := fs.Groups(); !slices.Equal(got, []string{"b", "b/mon_groups/b", "gold", "gold/mon_groups/a", "mon_groups/c"}) {
		t.Errorf("groups %q", got)
	}
	self := strconv.Itoa(os.Getpid())
	for _, g := range []*Group{a, b, c} {
		if err := Open(g.Record()).Join(os.Getpid()); err != nil {
			t.Error(err)
		}
	}
	for _, dir := range []string{"gold", "gold/mon_groups/a", "b", "b/mon_groups/b", "", "mon_groups/c"} {
		if got := fs.Tasks(dir); !slices.Equal(got, []string{self}) {
			t.Errorf("%q has the tasks %q", dir, got)
		}
	}
	if _, err := New(fs.Dir, "a", &specs.LinuxIntelRdt{ClosID: "gold", EnableMonitoring: true}); !errors.Is(err, unix.EEXIST) {
		t.Errorf("a monitoring group of somebody else's: %v", err)
	}
	for _, g := range []*Group{a, b, c} {
		if err := Open(g.Record()).Destroy(); err != nil {
			t.Error(err)
		}
	}
	if got := fs.Groups(); !slices.Equal(got, []string{"gold"}) {
		t.Errorf("left: %q", got)
	}
}

func TestWhatResctrlSaysStandsBeforeTheCause(t *testing.T) {
	fs := rdttest.Mount(t)
	g, err := New(fs.Dir, "web", &specs.LinuxIntelRdt{ClosID: "gold", Schemata: []string{"MB:0=50", "L9:0=1"}})
	if err != nil {
		t.Fatal(err)
	}
	err = g.Create()
	want := `linux.intelRdt.schemata[1]: write "L9:0=1" to ` + fs.Dir + `/gold/schemata: Unknown or unsupported resource name 'L9': invalid argument`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if err := g.Undo(); err != nil || len(fs.Groups()) > 0 {
		t.Errorf("%v; left %q", err, fs.Groups())
	}
}

func TestAGroupIsUpdatedAndGoneGroupsAreNoErrorOnRemoval(t *testing.T) {
	fs := rdttest.Mount(t)
	g := Open(made(t, fs, "web", specs.LinuxIntelRdt{}).Record())
	if err := g.Update("L3:0=f;1=f", ""); err != nil {
		t.Fatal(err)
	}
	if got := fs.Schemata("web"); got != "MB:0=100;1=100\nL3:0=f;1=f\n" {
		t.Errorf("%q", got)
	}
	for range 2 {
		if err := g.Destroy(); err != nil {
			t.Error(err)
		}
	}
	if err := g.Join(os.Getpid()); !errors.Is(err, unix.ENOENT) {
		t.Errorf("join a group that is gone: %v", err)
	}
}

func TestNamesOfResctrlItselfAreNoGroups(t *testing.T) {
	fs := rdttest.Mount(t)
	if _, err := New(fs.Dir, "info", &specs.LinuxIntelRdt{}); !errors.Is(err, unix.EEXIST) {
		t.Error(err)
	}
}

func TestMountinfoTellsTheRoot(t *testing.T) {
	for line, want := range map[string]string{
		"30 20 0:26 / /sys/fs/resctrl rw,relatime shared:9 - resctrl resctrl rw": "/sys/fs/resctrl",
		`30 20 0:26 / /mnt/re\040s rw - resctrl none rw,cdp`:                     "/mnt/re s",
		"30 20 0:26 /gold /mnt/gold rw - resctrl none rw":                        "",
		"30 20 0:26 / /sys/fs/resctrl rw - tmpfs resctrl rw":                     "",
		"30 20": "",
	} {
		if got, _ := resctrlMount(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
