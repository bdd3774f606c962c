package driver

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestKernelMemoryIsIgnoredWithAWarning(t *testing.T) {
	var warnings []string
	one, none := int64(1), int64(0)
	//lint:ignore SA1019 the field is set to see that it is ignored
	m := &specs.LinuxMemory{Kernel: &one, KernelTCP: &one, Limit: &one}
	WarnIgnored(m, func(msg string) { warnings = append(warnings, msg) })
	slices.Sort(warnings)
	if len(warnings) != 2 || !strings.HasPrefix(warnings[0], "linux.resources.memory.kernel 1 is ignored") || !strings.HasPrefix(warnings[1], "linux.resources.memory.kernelTCP 1") {
		t.Errorf("%q", warnings)
	}
	//lint:ignore SA1019 see above
	m = &specs.LinuxMemory{Kernel: &none}
	WarnIgnored(m, func(msg string) { t.Errorf("zero means not set: %s", msg) })
	WarnIgnored(&specs.LinuxMemory{KernelTCP: &one}, nil)
}

func TestPathOfAContainer(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{ID: "web"}, "/web"},
		{Options{ID: "web", Rootless: true}, "web"},
		{Options{ID: "web", CgroupsPath: "/a/b", Rootless: true}, "/a/b"},
		{Options{ID: "web", CgroupsPath: "a/b"}, "a/b"},
	} {
		if got := ContainerPath(c.o); got != c.want {
			t.Errorf("%+v: %s, want %s", c.o, got, c.want)
		}
	}
}
