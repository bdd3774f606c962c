package v2

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func TestMain(m *testing.M) { os.Exit(cgtest.MainInV2View(m)) }

// everyController is the content of cgroup.controllers on a machine with all of them.
const everyController = "cpuset cpu io memory hugetlb pids rdma misc"

// fakeGroup is a group over plain files: what this machine's kernel lacks controllers for can still be
// written. A file with content "" exists and is empty.
func fakeGroup(t *testing.T, files map[string]string) (g *Group, dir string) {
	t.Helper()
	dir = t.TempDir()
	if _, ok := files["cgroup.controllers"]; !ok {
		write(t, dir, "cgroup.controllers", everyController+"\n")
	}
	for name, text := range files {
		write(t, dir, name, text)
	}
	opened, err := cgfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	g = &Group{dir: opened, root: opened, mount: dir}
	g.record.Path = "/"
	t.Cleanup(func() { opened.Close() })
	return g, dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

// settingCase is one wish of config.json, the files that the kernel offers, and what it must find in them afterwards.
type settingCase struct {
	name  string
	res   specs.LinuxResources
	files map[string]string // before
	want  map[string]string // after
}

func (c settingCase) run(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		files := map[string]string{}
		for name := range c.want {
			files[name] = ""
		}
		for name, text := range c.files {
			files[name] = text
		}
		g, dir := fakeGroup(t, files)
		if err := g.ApplyEarly(&c.res); err != nil {
			t.Fatal(err)
		}
		if err := g.Apply(&c.res); err != nil {
			t.Fatal(err)
		}
		for name, want := range c.want {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || string(got) != want {
				t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
			}
		}
	})
}
