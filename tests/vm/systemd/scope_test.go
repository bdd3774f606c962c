package systemd

import (
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestTheScopeIsNamedByTheContainerUnlessItsPathNamesIt(t *testing.T) {
	for _, test := range []struct{ name, path, want string }{
		{"no path", "", "/system.slice/creel-ID.scope"},
		{"default slice", ":pre:NAME", "/system.slice/pre-NAME.scope"},
		{"slice", "machine.slice:pre:NAME", "/machine.slice/pre-NAME.scope"},
		{"slice below slices", "creel-a-b.slice:pre:NAME", "/creel.slice/creel-a.slice/creel-a-b.slice/pre-NAME.scope"},
		{"root slice", "-.slice:pre:NAME", "/pre-NAME.scope"},
		{"no prefix", "system.slice::NAME", "/system.slice/NAME.scope"},
		{"name to be escaped", "system.slice:pre:NAME+1", `/system.slice/pre-NAME\x2b1.scope`},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := withSystemd(t)
			name := h.ID()
			c := h.Started(h.Bundle(harness.Sleep, in(strings.ReplaceAll(test.path, "NAME", name))))
			want := strings.NewReplacer("ID", c.ID, "NAME", name).Replace(test.want)
			if pids := h.CgroupPids("", want); !slices.Contains(pids, h.State(c.ID).Pid) {
				t.Errorf("the container's process is not in %s", want)
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
			gone(h, want)
			h.Host("systemctl stop creel.slice machine.slice") // slices stay, as they do for other runtimes
		})
	}
}

func TestPathsThatNameNoScopeAreRefused(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b":            `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/a/b" instead`,
		"a:b":             `"slice:prefix:name"`,
		"system.slice:x:": "the name is empty",
		"system:x:y":      `slice "system"`,
		"a--b.slice:x:y":  `slice "a--b.slice"`,
		"-a.slice:x:y":    `slice "-a.slice"`,
		"a/b.slice:x:y":   `slice "a/b.slice"`,
		"system.slice:x:" + strings.Repeat("y", 250): "255 bytes",
		"system.slice:x:y.slice":                     "holds no processes itself",
	} {
		h := withSystemd(t)
		h.Fails(h.Run(h.Bundle(in(path))), "linux.cgroupsPath", want)
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("%q left %v", path, left)
		}
	}
}

func TestTheScopeHasThePropertiesThatEnginesExpect(t *testing.T) {
	h := withSystemd(t)
	c := h.Create(h.Bundle(harness.Sleep))
	equal(h, "creel-"+c.ID+".scope", map[string]string{
		"Slice": "system.slice", "Delegate": "yes", "DefaultDependencies": "no",
		"MemoryAccounting": "yes", "CPUAccounting": "yes", "TasksAccounting": "yes", "Transient": "yes", "ActiveState": "active",
	})
	if got := property(h, "creel-"+c.ID+".scope", "Description"); !strings.HasPrefix(got, "creel container "+c.ID+" (") {
		t.Errorf("its description is %q", got)
	}
}

func TestAnnotationsSetPropertiesOfTheScope(t *testing.T) {
	h := withSystemd(t)
	const p = "org.systemd.property."
	c := h.Create(h.Bundle(harness.Sleep, annotation(p+"TimeoutStopUSec", "uint64 7000000"), annotation(p+"Description", "'mine'"),
		annotation(p+"RuntimeMaxSec", "90"), annotation(p+"After", "['dbus.service', 'local-fs.target']"), annotation(p+"CPUWeight", "uint64 77"),
		annotation("org.systemd.propertyX", "1")))
	equal(h, "creel-"+c.ID+".scope", map[string]string{
		"TimeoutStopUSec": "7s", "Description": "mine", "RuntimeMaxUSec": "1min 30s", "CPUWeight": "77",
	})
	after := strings.Fields(property(h, "creel-"+c.ID+".scope", "After"))
	if !slices.Contains(after, "dbus.service") || !slices.Contains(after, "local-fs.target") {
		t.Errorf("After=%q", after)
	}
	h.Ok(h.Creel("delete", c.ID))
	gone(h, "/system.slice/creel-"+c.ID+".scope")
}

func TestAnnotationsThatAreNoPropertiesAreNamed(t *testing.T) {
	for value, want := range map[string]string{
		"RuntimeMaxSec='soon'":                        "a time in seconds is a number",
		"RuntimeMaxSec=-1":                            "not negative",
		"CPUWeight=uint64 minus":                      `CPUWeight"] "uint64 minus"`,
		"CPUWeight='ten'":                             "StartTransientUnit",
		"NobodyKnowsThis=true":                        "NobodyKnowsThis",
		"Slice=('a', 'b')":                            "Failed to set unit properties",
		"TimeoutStopUSec=uint64 18446744073709551616": "TimeoutStopUSec",
	} {
		h := withSystemd(t)
		key, value, _ := strings.Cut(value, "=")
		id := h.ID()
		h.Fails(h.Creel("run", "--bundle", h.Bundle(annotation("org.systemd.property."+key, value)), id), want)
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("%s left %v", key, left)
		}
		gone(h, "/system.slice/creel-"+id+".scope")
	}
}

func TestANameCanBeUsedAgainAtOnce(t *testing.T) {
	h := withSystemd(t)
	name := h.ID()
	b := h.Bundle(in(":again:"+name), harness.Script("echo up"))
	for range 5 {
		if r := h.Ok(h.Run(b)); r.Stdout != "up\n" {
			t.Error(r)
		}
	}
	gone(h, "/system.slice/again-"+name+".scope")
}

func TestAScopeOfAnotherContainerIsNotTaken(t *testing.T) {
	h := withSystemd(t)
	name := h.ID()
	b := h.Bundle(in(":one:"+name), harness.Sleep)
	first := h.Started(b)
	h.Fails(h.Run(b), "one-"+name+".scope", "already")
	other := harness.New(t)
	other.Global = h.Global
	other.Fails(other.Creel("run", "--bundle", b, first.ID), "one-"+name+".scope", "already")
	other.Ok(other.Creel("delete", "--force", first.ID))
	if s := h.State(first.ID); s.Status != "running" {
		t.Errorf("the first is %s", s.Status)
	}
}

func TestAContainerThatDiedIsDeletedWithItsScope(t *testing.T) {
	for _, status := range []string{"created", "running"} {
		h := withSystemd(t)
		c := h.Create(h.Bundle(harness.Sleep))
		if status == "running" {
			h.Ok(h.Creel("start", c.ID))
		}
		h.Must(unix.Kill(h.State(c.ID).Pid, unix.SIGKILL))
		h.WaitFor(c.ID, "stopped")
		h.Ok(h.Creel("delete", c.ID))
		gone(h, "/system.slice/creel-"+c.ID+".scope")
	}
}

func TestACreationThatFailsLeavesNoScope(t *testing.T) {
	h := withSystemd(t)
	id := h.ID()
	h.Fails(h.Creel("create", "--bundle", h.Bundle(harness.Args("/nonexistent")), id), "/nonexistent")
	gone(h, "/system.slice/creel-"+id+".scope")
}

func TestProcessesOfAContainerWithoutAPidNamespaceEndWithIt(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.NoNamespace(specs.PIDNamespace), harness.Script("sleep 1000 & sleep 1000 & echo up; wait")))
	c.Says("up")
	if n := len(h.CgroupPids("", "/system.slice/creel-"+c.ID+".scope")); n != 3 {
		t.Errorf("%d processes", n)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, "/system.slice/creel-"+c.ID+".scope")
}

func TestTheManagerIsTheSameUnderCrunsFlag(t *testing.T) {
	h := harness.New(t)
	h.Global = []string{"--cgroup-manager=systemd"}
	c := h.Create(h.Bundle(harness.Sleep))
	equal(h, "creel-"+c.ID+".scope", map[string]string{"ActiveState": "active"})
	h.Global = nil // the record says who made it
	h.Ok(h.Creel("delete", c.ID))
	gone(h, "/system.slice/creel-"+c.ID+".scope")
}
