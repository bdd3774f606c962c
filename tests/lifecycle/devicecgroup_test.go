package lifecycle

import (
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// unmakeable makes a cgroup in which device nodes may be used, but not made.
func unmakeable(h *harness.H) (path string) {
	h.Helper()
	path = "/" + h.ID()
	dir := harness.CgroupDir("", path)
	h.Must(os.Mkdir(dir, 0o755))
	h.Cleanup(func() { h.Must(os.Remove(dir)) })
	// the upper half of access_type says what is asked for: 1 is mknod(2) (linux/bpf.h, struct bpf_cgroup_dev_ctx)
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.CGroupDevice, License: "GPL", Instructions: asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, 0, asm.Word),
		asm.RSh.Imm(asm.R2, 16),
		asm.And.Imm(asm.R2, 1),
		asm.Mov.Imm(asm.R0, 1),
		asm.Sub.Reg(asm.R0, asm.R2),
		asm.Return(),
	}})
	h.Must(err)
	defer prog.Close()
	l, err := link.AttachCgroup(link.CgroupOptions{Path: dir, Attach: ebpf.AttachCGroupDevice, Program: prog})
	h.Must(err)
	h.Cleanup(func() { h.Must(l.Close()) })
	return path
}

func TestWhereACgroupAboveForbidsMakingNodesTheHostsAreThere(t *testing.T) {
	if !harness.V2() {
		t.Skip("on cgroup v1 a container cannot get more than the cgroup above has")
	}
	h := harness.New(t)
	in := func(s *specs.Spec) { s.Linux.CgroupsPath = unmakeable(h) + "/container" }
	expect(t, h.Sh(listDefaults+"; echo x >/dev/null && head -c 1 /dev/zero | wc -c; mknod /dev/x c 1 3 2>/dev/null || echo none made", in), h.Host(listDefaults)+"1\nnone made")
	expect(t, h.Sh("stat -c '%F %t:%T' /dev/fuse", in, device("/dev/fuse", "c", 10, 229)), "character special file a:e5")
}

func TestANodeThatCanNeitherBeMadeNorTakenFromTheHostIsAnError(t *testing.T) {
	if !harness.V2() {
		t.Skip("on cgroup v1 a container cannot get more than the cgroup above has")
	}
	h := harness.New(t)
	r := h.Run(h.Bundle(harness.Args("true"), device("/dev/nosuch", "c", 10, 229), func(s *specs.Spec) { s.Linux.CgroupsPath = unmakeable(h) + "/container" }))
	h.Fails(r, "linux.devices[", "make /dev/nosuch c 10:229: operation not permitted")
}
