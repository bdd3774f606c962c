package devfilter

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

func TestReplaceLeavesOneProgramAndForeignOnesAlone(t *testing.T) {
	cgroup := newCgroup(t)
	foreign := attachForeign(t, cgroup)
	strict := container(t, specs.LinuxDeviceCgroup{Allow: false, Access: "rwm"})
	loose := container(t, specs.LinuxDeviceCgroup{Allow: true, Type: "b", Access: "rw"})
	all := container(t, specs.LinuxDeviceCgroup{Allow: true, Access: "rwm"})
	if err := give(cgroup, strict, (*Program).Attach); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		policy devrules.List
		count  int
	}{{loose, 2}, {strict, 2}, {strict, 2}, {all, 1}, {loose, 2}} {
		if err := give(cgroup, step.policy, (*Program).Replace); err != nil {
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
		if err := give(cgroup, l, (*Program).Attach); err != nil {
			t.Fatal(err)
		}
	}
	if err := give(cgroup, l, (*Program).Replace); err != nil {
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
		Instructions: disassemble(t, encode(devrules.List{Allow: true})),
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
