package compile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// small is a config that compiles.
func small() *specs.Spec {
	return &specs.Spec{
		Process: &specs.Process{Args: []string{"/bin/true"}, Cwd: "/"},
		Root:    &specs.Root{Path: "/rootfs"},
		Linux:   &specs.Linux{Namespaces: []specs.LinuxNamespace{{Type: specs.MountNamespace}}},
	}
}

func withMount(m specs.Mount) func(*Input) {
	return func(in *Input) { in.Spec.Mounts = []specs.Mount{m} }
}

// TestWhatCannotBeDoneIsRefusedWithItsField: nothing that a config asks for is
// left out silently.
func TestWhatCannotBeDoneIsRefusedWithItsField(t *testing.T) {
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1000, Size: 1}}
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   string
	}{
		{"AppArmor without AppArmor", func(in *Input) { in.Spec.Process.ApparmorProfile = "p" },
			`process.apparmorProfile: "p": AppArmor is not enabled in this kernel`},
		{"SELinux without SELinux", func(in *Input) { in.Spec.Process.SelinuxLabel = "l" },
			`process.selinuxLabel: "l": SELinux is not enabled in this kernel`},
		{"a mount label without SELinux", func(in *Input) { in.Spec.Linux.MountLabel = "l" },
			`linux.mountLabel: "l": SELinux is not enabled in this kernel`},
		{"a process label without a meaning", func(in *Input) {
			in.Probes.SELinux, in.Probes.ProcessLabel, in.Spec.Process.SelinuxLabel = true, unix.EINVAL, "l"
		}, `process.selinuxLabel: "l": invalid argument`},
		{"a mount label without a meaning", func(in *Input) {
			in.Probes.SELinux, in.Probes.MountLabel, in.Spec.Linux.MountLabel = true, unix.EINVAL, "l"
		}, `linux.mountLabel: "l": invalid argument`},
		{"two labels", func(in *Input) {
			in.Probes.AppArmor, in.Probes.SELinux = true, true
			in.Spec.Process.ApparmorProfile, in.Spec.Process.SelinuxLabel = "p", "l"
		}, `process.selinuxLabel: "l": there is process.apparmorProfile as well`},
		{"RDT without resctrl", func(in *Input) { in.Spec.Linux.IntelRdt = &specs.LinuxIntelRdt{} },
			"linux.intelRdt: no resctrl file system is mounted"},
		{"memory nodes that no kernel has", func(in *Input) {
			in.Spec.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolBind, Nodes: "1024"}
		}, `linux.memoryPolicy.nodes: "1024": 1024 is more than 1023`},
		{"CPUs that are no list", func(in *Input) { in.CPUs = "1-" },
			`process.execCPUAffinity.final: "1-" is not a list of numbers`},
		{"recursive options on an old kernel", func(in *Input) {
			withoutSetAttr(in)
			withMount(specs.Mount{Destination: "/a", Source: "/a", Options: []string{"rbind", "rro"}})(in)
		}, "mounts[0].options: recursive attributes and id maps need mount_setattr(2), Linux 5.12"},
		{"id maps on an old kernel", func(in *Input) {
			withoutSetAttr(in)
			withMount(specs.Mount{Destination: "/a", Source: "/a", Options: []string{"bind"}, UIDMappings: ids, GIDMappings: ids})(in)
		}, "mounts[0].options: recursive attributes and id maps need mount_setattr(2), Linux 5.12"},
		{"remount of a file system", withMount(specs.Mount{Destination: "/a", Options: []string{"remount", "size=1m", "sync"}}),
			`mounts[0].options: ["sync" "size=1m"] with remount: only options of the mount can be changed`},
		{"more options than mount(2) takes", withMount(specs.Mount{Destination: "/a", Type: "overlay", Source: "overlay",
			Options: []string{"lowerdir=/" + strings.Repeat("x", 4083), "ro", "userxattr"}}),
			"mounts[0].options: 4103 bytes, one of them of more than 255: mount(2) takes at most 4095: argument list too long"},
		{"too many id maps", func(in *Input) {
			for i := range 40 {
				m := []specs.LinuxIDMapping{{ContainerID: 0, HostID: uint32(i), Size: 1}}
				in.Spec.Mounts = append(in.Spec.Mounts, specs.Mount{Destination: fmt.Sprintf("/%d", i), Source: "/a",
					Options: []string{"bind"}, UIDMappings: m, GIDMappings: m})
			}
		}, "more than 31 namespaces by path and distinct mount id maps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := baseInput(small())
			in.Run = true
			if _, err := Compile(in); err != nil {
				t.Fatalf("unchanged: %v", err)
			}
			c.change(&in)
			_, err := Compile(in)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant   %s", err, c.want)
			}
		})
	}
}

// TestAllMistakesAreToldTogether: who has to correct a config wants to do it once.
func TestAllMistakesAreToldTogether(t *testing.T) {
	in := baseInput(small())
	in.Spec.Process.ApparmorProfile = "p"
	in.Spec.Linux.IntelRdt = &specs.LinuxIntelRdt{}
	in.Spec.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Nodes: "x"}
	in.Spec.Linux.MountLabel = "l"
	for range 2 {
		in.Spec.Mounts = append(in.Spec.Mounts, specs.Mount{Destination: "/a", Options: []string{"remount", "size=1m"}})
	}
	_, err := Compile(in)
	fields := []string{"process.apparmorProfile", "mounts[0].options", "mounts[1].options", "linux.mountLabel", "linux.intelRdt", "linux.memoryPolicy.nodes"}
	lines := strings.Split(fmt.Sprint(err), "\n")
	for i, line := range lines {
		if len(lines) != len(fields) || !strings.HasPrefix(line, fields[i]+": ") {
			t.Fatalf("%v\nwant one line about each of %q", err, fields)
		}
	}
	if again := Check(in.Spec, in.Probes); again == nil || again.Error() != err.Error() {
		t.Errorf("Check says\n%v\nand Compile\n%v", again, err)
	}
}

func TestAConfigWithNothingInItCanBeChecked(t *testing.T) {
	if err := Check(&specs.Spec{}, Probes{}); err != nil {
		t.Error(err)
	}
}
