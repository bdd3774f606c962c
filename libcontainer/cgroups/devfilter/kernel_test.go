package devfilter

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

func newCgroup(t *testing.T) int {
	t.Helper()
	dir := filepath.Join(cgtest.UnifiedMount(t), cgtest.Name())
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cgtest.RemoveAfter(t, dir)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func container(t *testing.T, rules ...specs.LinuxDeviceCgroup) devrules.List {
	t.Helper()
	l, err := devrules.Container(rules)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ptr(n int64) *int64 { return &n }

func TestKernelEnforcesThePolicy(t *testing.T) {
	for name, rules := range map[string][]specs.LinuxDeviceCgroup{
		"deny all":        {{Allow: false, Access: "rwm"}},
		"no rules":        nil,
		"fuse":            {{Allow: true, Type: "c", Major: ptr(10), Minor: ptr(229), Access: "rw"}},
		"read all block":  {{Allow: true, Type: "b", Access: "r"}},
		"all but loop":    {{Allow: true, Access: "rwm"}, {Allow: false, Type: "b", Major: ptr(7), Access: "wm"}},
		"all of a major":  {{Allow: true, Type: "c", Major: ptr(1), Minor: ptr(-1), Access: "rw"}},
		"except one":      {{Allow: true, Type: "c", Major: ptr(1), Access: "rw"}, {Allow: false, Type: "c", Major: ptr(1), Minor: ptr(35), Access: "w"}},
		"edges":           {{Allow: true, Major: ptr(4000), Minor: ptr(70000), Access: "r"}, {Allow: true, Type: "b", Major: ptr(259), Minor: ptr(1048575), Access: "w"}},
		"minor of all":    {{Allow: true, Type: "c", Minor: ptr(11), Access: "r"}},
		"access in parts": {{Allow: true, Type: "b", Major: ptr(7), Access: "r"}, {Allow: true, Type: "b", Major: ptr(7), Minor: ptr(0), Access: "w"}},
	} {
		t.Run(name, func(t *testing.T) {
			cgroup := newCgroup(t)
			l := container(t, rules...)
			if err := give(cgroup, l, (*Program).Attach); err != nil {
				t.Fatal(err)
			}
			checkBehaviour(t, cgroup, l)
		})
	}
}

// A verifier that examines both outcomes of each comparison gives up at a million instructions.
func TestAThousandRulesAreNotTooMuchForTheVerifier(t *testing.T) {
	for _, every := range []int64{1, 2, 3} { // which of them allow
		var rules []specs.LinuxDeviceCgroup
		for i := range int64(1000) {
			rules = append(rules, specs.LinuxDeviceCgroup{Allow: i%every == 0, Type: "c", Major: ptr(1 + i%500), Minor: ptr(i), Access: "rw"})
		}
		p, err := Load(container(t, rules...))
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
}

func TestPolicyWithoutDenialNeedsNoProgram(t *testing.T) {
	cgroup := newCgroup(t)
	if err := give(cgroup, container(t, specs.LinuxDeviceCgroup{Allow: true, Access: "rwm"}), (*Program).Attach); err != nil {
		t.Fatal(err)
	}
	if ids, err := attached(cgroup); err != nil || len(ids) != 0 {
		t.Errorf("programs %v, error %v", ids, err)
	}
}

func TestLoadedProgramIsTheOneTheAssemblerBuilds(t *testing.T) {
	code := encode(container(t))
	fd, err := load(code)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := ebpf.NewProgramFromFD(fd)
	if err != nil {
		unix.Close(fd)
		t.Fatal(err)
	}
	defer prog.Close()
	info, err := prog.Info()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.CGroupDevice, Instructions: disassemble(t, code)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	reference, err := again.Info()
	if err != nil {
		t.Fatal(err)
	}
	if info.Tag != reference.Tag || info.Type != ebpf.CGroupDevice || info.Name != programName {
		t.Errorf("tag %s, type %v, name %q; the assembler's has tag %s", info.Tag, info.Type, info.Name, reference.Tag)
	}
}

func TestErrorsOfTheKernelAreKept(t *testing.T) {
	if _, err := load([]insn{{op: 0xff}}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("loading nonsense: %v", err)
	}
	if err := give(-1, container(t), (*Program).Attach); !errors.Is(err, unix.EBADF) {
		t.Errorf("attaching to no cgroup: %v", err)
	}
	if err := give(-1, container(t), (*Program).Replace); !errors.Is(err, unix.EBADF) {
		t.Errorf("replacing in no cgroup: %v", err)
	}
}

// give loads the filter of a policy and places it.
func give(cgroup int, l devrules.List, place func(*Program, int) error) error {
	p, err := Load(l)
	if err != nil {
		return err
	}
	defer p.Close()
	return place(p, cgroup)
}
