package lifecycle

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestStateGoesFromCreatingToStopped(t *testing.T) {
	h := harness.New(t)
	gate := h.Path("gate")
	hook := h.Script("hook", "touch "+gate+".reached; while ! [ -e "+gate+" ]; do sleep 0.01; done")
	b := h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: hook, Env: []string{"PATH=/usr/bin:/bin"}}}}
	})
	id := h.ID()
	create := h.Go(nil, "create", "--bundle", b, id)
	h.Eventually("the hook runs", func() bool { _, err := os.Stat(gate + ".reached"); return err == nil })
	if s := h.State(id); s.Status != "creating" {
		t.Errorf("state %+v", s)
	}
	h.Fails(h.Creel("start", id), "creating")
	h.Fails(h.Creel("kill", id, "TERM"), "container not running")
	h.Fails(h.Creel("delete", id), "creating")
	h.WriteFile(gate, "", 0o644)
	h.Ok(create.Result())
	if s := h.State(id); s.Status != "created" || s.Pid == 0 {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("start", id))
	if s := h.State(id); s.Status != "running" || s.Pid == 0 {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("kill", id, "KILL"))
	h.WaitFor(id, "stopped")
	if s := h.State(id); s.Pid != 0 {
		t.Errorf("state %+v", s)
	}
}

func TestStateTellsWhatTheSpecificationAndEnginesAskFor(t *testing.T) {
	h := harness.New(t)
	before := time.Now().Add(-time.Second)
	b := h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Version = "1.0.2"
		s.Annotations = map[string]string{"org.example/a": "ä \"quoted\"", "b": ""}
	})
	c := h.Create(b)
	s := h.State(c.ID)
	created, err := time.Parse(time.RFC3339Nano, s.Created)
	h.Must(err)
	if created.Before(before) || created.After(time.Now()) {
		t.Errorf("created %s", s.Created)
	}
	if s.OCIVersion != "1.0.2" || s.ID != c.ID || s.Bundle != b || s.Owner != "root" {
		t.Errorf("state %+v", s)
	}
	if s.Annotations["org.example/a"] != "ä \"quoted\"" || len(s.Annotations) != 2 {
		t.Errorf("annotations %q", s.Annotations)
	}
	if s.Rootfs != harness.Default().Root.Path {
		t.Errorf("rootfs %s", s.Rootfs)
	}
	if _, err := os.Stat(filepath.Join("/proc", "1")); err != nil || h.ProcFile(s.Pid, "comm") != "creel:[INIT]\n" {
		t.Errorf("pid %d is %q", s.Pid, h.ProcFile(s.Pid, "comm"))
	}
}

func TestPathsOfABundleAreRelativeToIt(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("cat /mnt"), func(s *specs.Spec) { s.Root.Path = "inside/rootfs" }, harness.Bind("file", "/mnt", "ro"))
	h.Must(harness.MakeRootfs(filepath.Join(b, "inside/rootfs")))
	h.WriteFile(filepath.Join(b, "file"), "of the bundle", 0o644)
	expect(t, h.Ok(h.Run(b)).Stdout, "of the bundle")
	c := h.Create(b)
	if s := h.State(c.ID); s.Rootfs != filepath.Join(b, "inside/rootfs") || s.Bundle != b {
		t.Errorf("state %+v", s)
	}
}

func TestAProcessCannotPassAsCreated(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("printf 'creel:[INIT]' > /proc/self/comm; cat /proc/self/comm; while :; do sleep 1; done")))
	c.Says("\n")
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestStateOfNothingFails(t *testing.T) {
	h := harness.New(t)
	h.Fails(h.Creel("state", "nobody"), "container does not exist")
}
