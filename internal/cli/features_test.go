package cli

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// taken says whether validation and the compilers take a config that has the field, and without warning of it.
func taken(field string, change func(*specs.Spec)) bool {
	s := spec.Default(false)
	change(s)
	warnings, err := spec.Validate(s, "/")
	errs := []string{strings.Join(warnings, "\n")}
	for _, err := range []error{
		err, libcontainer.Mistakes(s, errors.New("everything that is wrong")),
		compile.Check(s, compile.Probes{SetAttr: true, LastCap: 40, Privileged: true, AppArmor: true, SELinux: true, Resctrl: true}),
	} {
		if err != nil {
			errs = append(errs, err.Error())
		}
	}
	for line := range strings.Lines(strings.Join(errs, "\n")) {
		if strings.HasPrefix(line, field) && !strings.Contains(line, "not enabled in this kernel") && !strings.Contains(line, "no resctrl file system is mounted") {
			return false
		}
	}
	return true
}

func TestFeaturesSayWhatTheCodeTakes(t *testing.T) {
	f := allFeatures().Linux
	one := []specs.LinuxIDMapping{{HostID: 1000, Size: 1}}
	for _, c := range []struct {
		name   string
		says   *bool
		field  string
		change func(*specs.Spec)
	}{
		{"apparmor", f.Apparmor.Enabled, "process.apparmorProfile", func(s *specs.Spec) { s.Process.ApparmorProfile = "p" }},
		{"selinux", f.Selinux.Enabled, "process.selinuxLabel", func(s *specs.Spec) { s.Process.SelinuxLabel = "l" }},
		{"selinux, of mounts", f.Selinux.Enabled, "linux.mountLabel", func(s *specs.Spec) { s.Linux.MountLabel = "l" }},
		{"intelRdt", f.IntelRdt.Enabled, "linux.intelRdt", func(s *specs.Spec) { s.Linux.IntelRdt = &specs.LinuxIntelRdt{} }},
		{"intelRdt.schemata", f.IntelRdt.Schemata, "linux.intelRdt", func(s *specs.Spec) {
			s.Linux.IntelRdt = &specs.LinuxIntelRdt{Schemata: []string{"MB:0=10"}}
		}},
		{"intelRdt.monitoring", f.IntelRdt.Monitoring, "linux.intelRdt", func(s *specs.Spec) {
			s.Linux.IntelRdt = &specs.LinuxIntelRdt{EnableMonitoring: true}
		}},
		{"idmap", f.MountExtensions.IDMap.Enabled, "mounts[0]", func(s *specs.Spec) {
			s.Mounts = []specs.Mount{{Destination: "/a", Source: "/", Options: []string{"bind"}, UIDMappings: one, GIDMappings: one}}
		}},
		{"netDevices", f.NetDevices.Enabled, "linux.netDevices", func(s *specs.Spec) {
			s.Linux.NetDevices = map[string]specs.LinuxNetDevice{"eth0": {}}
		}},
		{"seccomp", f.Seccomp.Enabled, "linux.seccomp", func(s *specs.Spec) {
			s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow}
		}},
	} {
		if c.says == nil {
			t.Errorf("%s: nothing is said", c.name)
		} else if got := taken(c.field, c.change); got != *c.says {
			t.Errorf("%s: features says %t, and the config is taken: %t", c.name, *c.says, got)
		}
	}
}

func TestFeaturesListTheModesOfMemoryPoliciesThatTheCodeTakes(t *testing.T) {
	f := allFeatures().Linux.MemoryPolicy
	all := []specs.MemoryPolicyModeType{specs.MpolDefault, specs.MpolBind, specs.MpolInterleave, specs.MpolWeightedInterleave,
		specs.MpolPreferred, specs.MpolPreferredMany, specs.MpolLocal}
	var modes []string
	for _, mode := range all {
		nodes := "0"
		if mode == specs.MpolDefault || mode == specs.MpolLocal {
			nodes = ""
		}
		if taken("linux.memoryPolicy", func(s *specs.Spec) { s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: mode, Nodes: nodes} }) {
			modes = append(modes, string(mode))
		}
	}
	if f == nil {
		if len(modes) > 0 {
			t.Errorf("features does not tell of %q", modes)
		}
		return
	}
	if slices.Sort(modes); !slices.Equal(modes, slices.Sorted(slices.Values(f.Modes))) {
		t.Errorf("features has the modes %q, the code takes %q", f.Modes, modes)
	}
	for _, flag := range f.Flags {
		if !taken("linux.memoryPolicy", func(s *specs.Spec) {
			s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolBind, Nodes: "0", Flags: []specs.MemoryPolicyFlagType{specs.MemoryPolicyFlagType(flag)}}
		}) {
			t.Errorf("the flag %s is refused", flag)
		}
	}
}

func TestFeaturesListTheSeccompActionsThatCreateTakes(t *testing.T) {
	listed := allFeatures().Linux.Seccomp.Actions
	for _, action := range []specs.LinuxSeccompAction{
		specs.ActAllow, specs.ActErrno, specs.ActKill, specs.ActKillProcess, specs.ActKillThread, specs.ActLog, specs.ActNotify, specs.ActTrace,
		specs.ActTrap,
	} {
		got := taken("linux.seccomp", func(s *specs.Spec) {
			s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, ListenerPath: "/run/listener",
				Syscalls: []specs.LinuxSyscall{{Names: []string{"swapon"}, Action: action}}}
			if action == specs.ActAllow {
				s.Linux.Seccomp.DefaultAction, s.Linux.Seccomp.Syscalls[0].Names = specs.ActLog, []string{"execve"}
			}
			if action != specs.ActNotify {
				s.Linux.Seccomp.ListenerPath = ""
			}
		})
		if got != slices.Contains(listed, string(action)) {
			t.Errorf("%s: in features %t, taken %t", action, !got, got)
		}
	}
}

func TestFeaturesListTheNamesThatTheCodeTakes(t *testing.T) {
	f := allFeatures()
	for _, option := range f.MountOptions {
		if data := spec.ParseMountOptions([]string{option}).Data; len(data) > 0 {
			t.Errorf("mount option %s goes to the file system", option)
		}
	}
	for _, name := range f.Linux.Namespaces {
		if compile.Cloneflag(specs.LinuxNamespaceType(name)) == 0 {
			t.Errorf("namespace %s is unknown", name)
		}
	}
	for _, name := range f.Linux.Capabilities {
		if !taken("process.capabilities", func(s *specs.Spec) { s.Process.Capabilities = &specs.LinuxCapabilities{Bounding: []string{name}} }) {
			t.Errorf("capability %s is unknown", name)
		}
	}
	var hooks []string
	for field := range reflect.TypeFor[specs.Hooks]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		hooks = append(hooks, name)
	}
	if !slices.Equal(slices.Sorted(slices.Values(hooks)), slices.Sorted(slices.Values(f.Hooks))) {
		t.Errorf("hooks %q, the specification has %q", f.Hooks, hooks)
	}
}

func TestFeaturesListTheCgroupDriversThatThereAre(t *testing.T) {
	f := allFeatures().Linux.Cgroup
	for driver, says := range map[string]*bool{"v1": f.V1, "v2": f.V2} {
		_, err := cgroups.Open(cgroups.Record{Driver: driver, Path: "/x", Dirs: map[string]string{"": "/sys/fs/cgroup/x"}, Mounts: map[string]string{"": "/sys/fs/cgroup"}})
		if says == nil || *says != (err == nil) {
			t.Errorf("cgroup %s: %v", driver, err)
		}
	}
	for user, says := range map[bool]*bool{false: f.Systemd, true: f.SystemdUser} {
		g, err := cgroups.New(cgroups.Options{ID: "x", Systemd: true, Rootless: user})
		if says == nil || *says != (err == nil && g.Record().Unit == "creel-x.scope" && g.Record().UserUnit == user) {
			t.Errorf("systemd, the user's %t: %v", user, err)
		}
	}
	if f.Rdma == nil || *f.Rdma != taken("linux.resources.rdma", func(s *specs.Spec) {
		s.Linux.Resources.Rdma = map[string]specs.LinuxRdma{"mlx5_1": {HcaHandles: new(uint32)}}
	}) {
		t.Error("rdma")
	}
}

// An annotation by which a config changes what happens must be listed as potentially unsafe. The code looks for each by
// its constant in spec, and the list has the values of all of these.
func TestFeaturesListTheAnnotationsThatTheCodeLooksFor(t *testing.T) {
	text := read(t, "../../spec/annotations.go")
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t([A-Z]\w+) += ("[^"]+")$`).FindAllStringSubmatch(text, -1) {
		known[m[1]] = true
		if value, err := strconv.Unquote(m[2]); err != nil || !slices.Contains(allFeatures().PotentiallyUnsafeConfigAnnotations, value) {
			t.Errorf("spec.%s, %s, is not in features", m[1], m[2])
		}
	}
	look := regexp.MustCompile(`Annotations\[(?:spec\.)?("[^"]|[A-Z]\w*)`)
	looked := 0
	for _, dir := range []string{"../../spec", "../../libcontainer", "../../internal/cli"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, m := range look.FindAllStringSubmatch(read(t, path), -1) {
				looked++
				if !known[m[1]] {
					t.Errorf("%s looks at an annotation by %s, which is none of spec's constants", path, m[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(known) == 0 || looked == 0 {
		t.Errorf("%d annotations are known and %d places look at them", len(known), looked)
	}
}
