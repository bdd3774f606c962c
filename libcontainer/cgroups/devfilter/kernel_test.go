package devfilter

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// probeEnv makes the test binary a process that tries devices: see probe.
const probeEnv = "CREEL_TEST_DEVICE_PROBE"

func TestMain(m *testing.M) {
	if os.Getenv(probeEnv) != "" {
		probe(os.Getenv(probeEnv))
		return
	}
	os.Exit(m.Run())
}

// probe tries each word "type major minor access path" of a list and prints y or n for each.
func probe(list string) {
	for _, try := range strings.Split(list, ",") {
		var (
			typ, access  devrules.Types
			major, minor uint32
			path         string
		)
		fmt.Sscan(try, &typ, &major, &minor, &access, &path)
		if err := attempt(typ, major, minor, devrules.Access(access), path); errors.Is(err, unix.EPERM) {
			fmt.Print("n")
		} else {
			fmt.Print("y")
		}
	}
}

func attempt(typ devrules.Types, major, minor uint32, access devrules.Access, path string) error {
	if access == devrules.Mknod {
		mode := uint32(unix.S_IFCHR | 0o600)
		if typ == devrules.Block {
			mode = unix.S_IFBLK | 0o600
		}
		defer os.Remove(path + ".new")
		return unix.Mknod(path+".new", mode, int(unix.Mkdev(major, minor)))
	}
	flags := map[devrules.Access]int{devrules.Read: unix.O_RDONLY, devrules.Write: unix.O_WRONLY, devrules.Read | devrules.Write: unix.O_RDWR}[access]
	fd, err := unix.Open(path, flags|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// device is one that the machine need not have: without a driver, open answers ENXIO, which the filter precedes.
type device struct {
	typ          devrules.Types
	major, minor uint32
}

var probed = []device{
	{devrules.Char, 1, 3}, {devrules.Char, 1, 5}, {devrules.Char, 1, 7}, {devrules.Char, 1, 11}, {devrules.Char, 1, 35},
	{devrules.Char, 5, 0}, {devrules.Char, 5, 2}, {devrules.Char, 10, 229}, {devrules.Char, 4000, 70000},
	{devrules.Block, 1, 3}, {devrules.Block, 7, 0}, {devrules.Block, 259, 1048575},
}

// checkBehaviour runs a process in the cgroup and compares what it may do with what the policy says.
func checkBehaviour(t *testing.T, cgroup int, l devrules.List) {
	t.Helper()
	dir := t.TempDir()
	var (
		tries []string
		want  strings.Builder
	)
	for i, d := range probed {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := attempt(d.typ, d.major, d.minor, devrules.Mknod, path); err != nil {
			t.Fatalf("mknod: %v", err)
		}
		mode := uint32(unix.S_IFCHR | 0o600)
		if d.typ == devrules.Block {
			mode = unix.S_IFBLK | 0o600
		}
		if err := unix.Mknod(path, mode, int(unix.Mkdev(d.major, d.minor))); err != nil {
			t.Fatalf("mknod %s: %v", path, err)
		}
		for _, access := range []devrules.Access{devrules.Mknod, devrules.Read, devrules.Write, devrules.Read | devrules.Write} {
			tries = append(tries, fmt.Sprint(uint8(d.typ), " ", d.major, " ", d.minor, " ", uint8(access), " ", path))
			verdict := "n"
			if l.Allows(d.typ, int64(d.major), int64(d.minor), access) {
				verdict = "y"
			}
			want.WriteString(verdict)
		}
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{probeEnv + "=" + strings.Join(tries, ",")}
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: cgroup}
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("probe: %v", err)
	}
	for i := range tries {
		if len(got) != len(tries) || got[i] != want.String()[i] {
			t.Errorf("%s: allowed %q, want %q (all: %s)", tries[i], got[i:i+1], want.String()[i], got)
		}
	}
}

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
			if err := Attach(cgroup, l); err != nil {
				t.Fatal(err)
			}
			checkBehaviour(t, cgroup, l)
		})
	}
}

func TestPolicyWithoutDenialNeedsNoProgram(t *testing.T) {
	cgroup := newCgroup(t)
	if err := Attach(cgroup, container(t, specs.LinuxDeviceCgroup{Allow: true, Access: "rwm"})); err != nil {
		t.Fatal(err)
	}
	if ids, err := attached(cgroup); err != nil || len(ids) != 0 {
		t.Errorf("programs %v, error %v", ids, err)
	}
}

func TestReplaceLeavesOneProgramAndForeignOnesAlone(t *testing.T) {
	cgroup := newCgroup(t)
	foreign := attachForeign(t, cgroup)
	strict := container(t, specs.LinuxDeviceCgroup{Allow: false, Access: "rwm"})
	loose := container(t, specs.LinuxDeviceCgroup{Allow: true, Type: "b", Access: "rw"})
	all := container(t, specs.LinuxDeviceCgroup{Allow: true, Access: "rwm"})
	if err := Attach(cgroup, strict); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		policy devrules.List
		count  int
	}{{loose, 2}, {strict, 2}, {strict, 2}, {all, 1}, {loose, 2}} {
		if err := Replace(cgroup, step.policy); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		ids, err := attached(cgroup)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) != step.count || ids[0] != foreign {
			t.Errorf("step %d: programs %v, want %d with the foreign %d first", i, ids, step.count, foreign)
		}
		checkBehaviour(t, cgroup, step.policy)
	}
}

func TestReplaceDropsAllButOneOwnProgram(t *testing.T) {
	cgroup := newCgroup(t)
	l := container(t)
	for range 3 {
		if err := Attach(cgroup, l); err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(cgroup, l); err != nil {
		t.Fatal(err)
	}
	if ids, err := attached(cgroup); err != nil || len(ids) != 1 {
		t.Errorf("programs %v, error %v; want one", ids, err)
	}
}

func attachForeign(t *testing.T, cgroup int) uint32 {
	t.Helper()
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name:         "somebody_else",
		Type:         ebpf.CGroupDevice,
		Instructions: disassemble(t, Encode(devrules.List{Allow: true})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer prog.Close()
	if err := link.RawAttachProgram(link.RawAttachProgramOptions{Target: cgroup, Program: prog, Attach: ebpf.AttachCGroupDevice, Flags: unix.BPF_F_ALLOW_MULTI}); err != nil {
		t.Fatal(err)
	}
	info, err := prog.Info()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := info.ID()
	return uint32(id)
}

func TestLoadedProgramIsTheOneTheAssemblerBuilds(t *testing.T) {
	code := Encode(container(t))
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
	if err := Attach(-1, container(t)); !errors.Is(err, unix.EBADF) {
		t.Errorf("attaching to no cgroup: %v", err)
	}
	if err := Replace(-1, container(t)); !errors.Is(err, unix.EBADF) {
		t.Errorf("replacing in no cgroup: %v", err)
	}
}
