package conformance

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// stateOf is the state as JSON has it.
func (c *C) stateOf(id string) (s map[string]any) {
	c.Helper()
	r := c.Ok(c.Creel("state", id))
	if err := json.Unmarshal([]byte(r.Stdout), &s); err != nil {
		c.Fatalf("state: %v in %q", err, r.Stdout)
	}
	return s
}

func TestState(t *testing.T) {
	annotations := func(s *S) { s.Annotations = map[string]string{"org.example.a": "1", "org.example.empty": ""} }
	check := func(name string, f func(c *C, bundle string, k *harness.Container, state map[string]any)) {
		each(t, name, func(c *C) {
			bundle := c.Bundle(waits, annotations)
			k := c.Started(bundle)
			f(c, bundle, k, c.stateOf(k.ID))
		})
	}
	check("ociVersion", func(c *C, _ string, _ *harness.Container, s map[string]any) {
		if v, _ := s["ociVersion"].(string); !semver(v) {
			c.Errorf("ociVersion is %v", s["ociVersion"])
		}
	})
	check("id", func(c *C, _ string, k *harness.Container, s map[string]any) {
		if s["id"] != k.ID {
			c.Errorf("id is %v, not %s", s["id"], k.ID)
		}
	})
	check("status", func(c *C, _ string, _ *harness.Container, s map[string]any) {
		if s["status"] != "running" {
			c.Errorf("status is %v", s["status"])
		}
	})
	check("pid", func(c *C, _ string, k *harness.Container, s map[string]any) {
		k.Says("}\n")
		pid, _ := s["pid"].(float64)
		if pid < 1 {
			c.Fatalf("pid is %v", s["pid"])
		}
		if line := c.ProcFile(int(pid), "cmdline"); line != "/bin/probe\x00wait\x00" {
			c.Errorf("pid %v is %q", pid, line)
		}
	})
	check("bundle", func(c *C, bundle string, _ *harness.Container, s map[string]any) {
		if s["bundle"] != bundle {
			c.Errorf("bundle is %v, not %s", s["bundle"], bundle)
		}
		k := c.relative(bundle)
		if got := c.stateOf(k)["bundle"]; got != bundle {
			c.Errorf("the bundle is %s, and create was given it relatively: %v", bundle, got)
		}
	})
	check("annotations", func(c *C, _ string, _ *harness.Container, s map[string]any) {
		a, _ := s["annotations"].(map[string]any)
		if a["org.example.a"] != "1" || a["org.example.empty"] != "" {
			c.Errorf("annotations are %v", s["annotations"])
		}
	})
	check("schema", func(c *C, _ string, k *harness.Container, s map[string]any) {
		conforms(c, s)
		c.stopped(k.ID)
		conforms(c, c.stateOf(k.ID))
	})
}

// relative creates a container with a relative path to the bundle.
func (c *C) relative(bundle string) string {
	c.Helper()
	id := c.ID()
	cmd := c.Go(inDir(filepath.Dir(bundle)), "create", "--bundle", filepath.Base(bundle), id)
	c.Ok(cmd.Result())
	return id
}

// conforms compares a state with schema/state-schema.json.
func conforms(c *C, s map[string]any) {
	c.Helper()
	kinds := map[string]string{
		"ociVersion": "string", "id": "string", "status": "string", "bundle": "string",
		"pid": "float64", "annotations": "map[string]interface {}",
	}
	for key, kind := range kinds {
		value, there := s[key]
		if there && fmt.Sprintf("%T", value) != kind {
			c.Errorf("%s is %v, a %T and no %s", key, value, value, kind)
		}
		if !there && key != "pid" && key != "annotations" {
			c.Errorf("the state has no %s", key)
		}
	}
	if pid, ok := s["pid"].(float64); ok && (pid < 0 || pid != float64(int(pid))) {
		c.Errorf("pid is %v", pid)
	}
	a, _ := s["annotations"].(map[string]any)
	for key, value := range a {
		if _, ok := value.(string); !ok {
			c.Errorf("annotations[%q] is %v, no string", key, value)
		}
	}
}

func TestStatusFollowsTheLifecycle(t *testing.T) {
	c := begin(t)
	file := c.Path("creating")
	k := c.Create(c.Bundle(waits, hooks("createRuntime", "cat >"+file)))
	var early specs.State
	c.Must(json.Unmarshal([]byte(read(file)), &early))
	// The environment is made before the hooks, and what follows is not said to
	// belong to either phase.
	if early.Status != "creating" && early.Status != "created" {
		t.Errorf("a container in the making is %q", early.Status)
	}
	is := func(want string) {
		t.Helper()
		if got := c.stateOf(k.ID)["status"]; got != want {
			t.Errorf("status is %v, not %s", got, want)
		}
	}
	is("created")
	c.Ok(c.Creel("start", k.ID))
	is("running")
	c.Ok(c.Creel("kill", k.ID, "KILL"))
	c.Eventually("the container is stopped", func() bool { return c.stateOf(k.ID)["status"] != "running" })
	is("stopped")
}

func TestStateOfNoContainer(t *testing.T) {
	c := begin(t)
	r := c.Creel("state", c.ID())
	c.fails("state of no container", r)
	if strings.Contains(r.Stdout, "{") {
		t.Errorf("it says %s", r.Stdout)
	}
}
