package initproc_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// compilers are those of the architectures that init is built for, and what
// runs their programs elsewhere.
var compilers = map[string]struct{ cc, emulator string }{
	"amd64": {"x86_64-linux-gnu-gcc", "qemu-x86_64-static"},
	"arm64": {"aarch64-linux-gnu-gcc", "qemu-aarch64-static"},
}

// freestanding builds init without libc, as it is released, and returns the
// command that runs it. An emulator lacks some of its system calls, but none of
// those that receive, read and judge a plan.
func freestanding(t *testing.T, arch string) []string {
	t.Helper()
	c := compilers[arch]
	out := filepath.Join(t.TempDir(), "init")
	args := strings.Fields("-std=c11 -Os -ffreestanding -fno-stack-protector -fno-pie -no-pie -nostdlib -static -Wall -Wextra -Werror")
	if arch == "arm64" {
		args = append(args, "-mno-outline-atomics")
	}
	files, err := filepath.Glob(filepath.Join(sources, "*.c"))
	must(t, err)
	for _, f := range files {
		if base := filepath.Base(f); !strings.HasPrefix(base, "arch_") || base == "arch_"+arch+".c" {
			args = append(args, f)
		}
	}
	if msg, err := exec.Command(c.cc, append(args, "-o", out)...).CombinedOutput(); err != nil {
		t.Fatalf("build init for %s (make deps-test installs the compiler): %v\n%s", arch, err, msg)
	}
	if arch == runtime.GOARCH {
		return []string{out}
	}
	return []string{c.emulator, out}
}

func TestInitOfEveryArchitectureRefusesASpoiltPlan(t *testing.T) {
	for arch := range compilers {
		t.Run(arch, func(t *testing.T) {
			command := freestanding(t, arch)
			for _, c := range refusals {
				t.Run(c.name, func(t *testing.T) {
					refuses(t, bootOf(t, command...), c.code, c.spoil)
				})
			}
		})
	}
}

// TestInitOfEveryArchitectureCarriesOutAPlan of system calls with up to five
// arguments, a message with an fd each way, a late value, and the execution.
func TestInitOfEveryArchitectureCarriesOutAPlan(t *testing.T) {
	for arch := range compilers {
		t.Run(arch, func(t *testing.T) {
			r, w, err := os.Pipe()
			must(t, err)
			defer r.Close()
			sync := op(plan.Sync, func(o *plan.Op) { o.Src, o.Late = 0, plan.LateHome })
			exe := op(plan.Exec, func(o *plan.Op) {
				o.Path = "/bin/sh"
				o.Argv = []plan.Arg{{Text: "sh"}, {Text: "-c"}, {Text: `echo "$HOME" "$(umask)"`}}
				o.Envp = []plan.Arg{{Text: "HOME=", Late: plan.LateHome}}
			})
			ops := []plan.Op{
				op(plan.Umask, func(o *plan.Op) { o.N[0] = 0o027 }),
				op(plan.NoNewPrivs, nil), sync,
				op(plan.Stdio, func(o *plan.Op) { o.Src = plan.None }),
				op(plan.Terminal, nil), // which fails: it is a pipe
			}
			code, err := (&plan.Plan{Ops: ops}).Encode()
			must(t, err)
			command := freestanding(t, arch)
			s := bootOf(t, command...)
			must(t, s.ch.SendPlan(code, int(r.Fd())))
			s.taken()
			if err := s.failure(); !errors.Is(err, unix.ENOTTY) {
				t.Errorf("a pipe as a terminal: %v, want %v", err, unix.ENOTTY)
			}

			ops = append(ops[:3], op(plan.Signals, nil), op(plan.Announce, nil), exe)
			code, err = (&plan.Plan{Ops: ops}).Encode()
			must(t, err)
			s = bootWith(t, w, command...)
			w.Close()
			must(t, s.ch.SendPlan(code, int(r.Fd())))
			m, err := s.ch.Recv()
			if err != nil || m.Kind != initproc.KindSync || m.FD < 0 {
				t.Fatalf("init says %+v, %v; want an fd", m, err)
			}
			unix.Close(m.FD)
			must(t, s.ch.Go([]byte("/late")))
			if m, err = s.ch.Recv(); err != nil || m.Kind != initproc.KindExec {
				t.Fatalf("init says %+v, %v; want the announcement", m, err)
			}
			said, err := io.ReadAll(r)
			if err != nil || string(said) != "/late 0027\n" {
				t.Errorf("the process says %q, %v", said, err)
			}
		})
	}
}
