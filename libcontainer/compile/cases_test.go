package compile

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// planCase is a config of testdata and the circumstances that it is compiled in.
type planCase struct {
	name   string       // of the golden file
	config string       // file in testdata, name.json unless given
	change func(*Input) // what differs from baseInput
}

// planCases are the inputs of the golden tests and of everything that holds for
// all plans.
var planCases = []planCase{
	{name: "default"},
	{name: "default-run", config: "default", change: func(in *Input) { in.Run = true }},
	{name: "default-no-pivot", config: "default", change: func(in *Input) {
		in.NoPivot, in.NoNewKeyring = true, true
		in.HostViews = []string{"/sys", "/proc", "/srv/a jail/proc"}
	}},
	{name: "docker", change: withFilter},
	{name: "rootless", change: unprivileged},
	{name: "new-user"},
	{name: "joined-user"},
	{name: "joined-user-rootless", config: "joined-user", change: unprivileged},
	{name: "joined-pid"},
	{name: "pod"},
	{name: "host-cgroup-v1", config: "host-cgroup", change: withV1},
	{name: "host-cgroup-v2", config: "host-cgroup"},
	{name: "own-cgroup-v1", config: "own-cgroup", change: withV1},
	{name: "own-cgroup-v2", config: "own-cgroup"},
	{name: "copyup"},
	{name: "idmap"},
	{name: "options"},
	{name: "long-options"},
	{name: "propagation"},
	{name: "links", change: func(in *Input) { in.Links = map[int]string{2: "../run/lock"} }},
	{name: "root-mount"},
	{name: "devices"},
	{name: "devices-nested", config: "devices", change: nested},
	{name: "devices-without-mknod", config: "devices", change: func(in *Input) { in.Probes.Lacks = 1 << unix.CAP_MKNOD }},
	{name: "host-cgroup-nested", config: "host-cgroup", change: nested},
	{name: "bind-dev"},
	{name: "terminal"},
	{name: "hooks"},
	{name: "hooks-run", config: "hooks", change: func(in *Input) { in.Run = true }},
	{name: "runtime-hooks"},
	{name: "time"},
	{name: "time-user"},
	{name: "no-cgroup", config: "scheduling", change: func(in *Input) { in.NoCgroup = true }},
	{name: "net-devices"},
	{name: "intel-rdt", change: func(in *Input) { in.Probes.Resctrl = true }},
	{name: "annotations"},
	{name: "annotations-run", config: "annotations", change: func(in *Input) { in.Run = true }},
	{name: "scheduling", change: func(in *Input) { in.CPUs = "0-1" }},
	{name: "user", change: withFilter},
	{name: "notify", change: withFilter},
	{name: "notify-rootless", config: "notify", change: func(in *Input) { withFilter(in); unprivileged(in) }},
	{name: "no-mount-namespace"},
	{name: "apparmor", change: func(in *Input) { in.Probes.AppArmor = true }},
	{name: "selinux", change: func(in *Input) { in.Probes.SELinux = true }},
	{name: "legacy", change: withoutSetAttr},
	{name: "legacy-default", config: "default", change: withoutSetAttr},
}

// baseInput is a privileged caller on a machine with a new kernel and cgroup v2.
func baseInput(s *specs.Spec) Input {
	in := Input{
		ID: "web", Bundle: "/bundle", Spec: s, Rootfs: s.Root.Path,
		Probes: Probes{SetAttr: true, LastCap: 40, Privileged: true},
		Cgroup: cgroups.MountView{Version: 2, Hierarchies: []cgroups.Hierarchy{{HostDir: "/sys/fs/cgroup"}}},
	}
	if !filepath.IsAbs(in.Rootfs) {
		in.Rootfs = filepath.Join(in.Bundle, in.Rootfs)
	}
	return in
}

func unprivileged(in *Input)   { in.Probes.Privileged = false }
func nested(in *Input)         { in.Probes.Nested = true }
func withoutSetAttr(in *Input) { in.Probes.SetAttr = false }

// withFilter gives a program of three instructions; its contents do not matter here.
func withFilter(in *Input) { in.Filter = Filter{Program: make([]byte, 24), Flags: 4} }

// withV1 is a hybrid machine: v1 hierarchies, one of two controllers, one of
// none, and cgroup2 beside them.
func withV1(in *Input) {
	in.Cgroup = cgroups.MountView{Version: 1, Hierarchies: []cgroups.Hierarchy{
		{Key: "cpu,cpuacct", Name: "cpu,cpuacct", HostDir: "/sys/fs/cgroup/cpu,cpuacct/web", Aliases: []string{"cpu", "cpuacct"}},
		{Key: "memory", Name: "memory", HostDir: "/sys/fs/cgroup/memory/web"},
		{Key: "name=systemd", Name: "systemd", HostDir: "/sys/fs/cgroup/systemd/web"},
		{Name: "unified", HostDir: "/sys/fs/cgroup/unified/web"},
	}}
}

// input reads the config of c anew and returns what is compiled.
func (c *planCase) input(t *testing.T) Input {
	t.Helper()
	name := c.config
	if name == "" {
		name = c.name
	}
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	s := new(specs.Spec)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(s); err != nil {
		t.Fatalf("%s.json: %v", name, err)
	}
	in := baseInput(s)
	if c.change != nil {
		c.change(&in)
	}
	return in
}
