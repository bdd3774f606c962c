package security

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// CVE-2019-5736: what a container reaches as /proc/self/exe of the runtime is
// neither the host's program nor writable.
func TestAContainerCannotOverwriteTheRuntime(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	before := sum(h, harness.Program())
	// a script whose interpreter is init itself, and a loop that tries to
	// write to whatever process 1 executes
	h.WriteFile(root+"/again", "#!/proc/self/exe\n", 0o755)
	for _, args := range [][]string{{"/proc/self/exe"}, {"/again"}, {"/bin/sh", "-c", "echo evil > /proc/1/exe; echo evil > /proc/self/exe; true"}} {
		r := h.Run(h.Bundle(harness.Root(root), func(s *specs.Spec) { s.Process.Args = args }))
		if strings.Contains(r.Stdout, "creel") {
			t.Errorf("%q: %v", args, r)
		}
	}
	if !bytes.Equal(before, sum(h, harness.Program())) {
		t.Error("THE HOST WAS CHANGED: the runtime's own program")
	}
}

func sum(h *harness.H, path string) []byte {
	h.Helper()
	data, err := os.ReadFile(path)
	h.Must(err)
	s := sha256.Sum256(data)
	return s[:]
}

// CVE-2024-21626: fds that the runtime got from its caller end at the border.
func TestNoFdOfTheRuntimesCallerReachesTheContainer(t *testing.T) {
	h := harness.New(t)
	v := newVictim(h)
	dir, err := os.Open(v.dir)
	h.Must(err)
	defer dir.Close()
	b := h.Bundle(harness.Script("ls -l /proc/self/fd /proc/1/fd"))
	p := h.Go(func(c *exec.Cmd) {
		for range 20 {
			c.ExtraFiles = append(c.ExtraFiles, dir)
		}
	}, "run", "--bundle", b, h.ID())
	r := p.Result()
	if r.Status != 0 || strings.Contains(r.Stdout, v.dir) || strings.Contains(r.Stdout, "memfd") || strings.Contains(r.Stdout, "socket") {
		t.Error(r)
	}
	v.unchanged()
}

// CVE-2016-9962: an init that has joined a container's namespaces and waits
// there is not open to the processes of that container.
func TestAWaitingInitIsClosedToItsNeighboursInThePidNamespace(t *testing.T) {
	h := harness.New(t)
	first := h.Started(h.Bundle(harness.Sleep))
	pid := h.State(first.ID).Pid
	second := h.Create(h.Bundle(harness.Namespace(specs.PIDNamespace, fmt.Sprintf("/proc/%d/ns/pid", pid))))
	waiting := h.State(second.ID).Pid
	var st unix.Stat_t
	h.Must(unix.Stat(fmt.Sprintf("/proc/%d/status", waiting), &st))
	if !strings.Contains(h.ProcFile(waiting, "comm"), "creel") {
		t.Fatalf("process %d is no waiting init: %q", waiting, h.ProcFile(waiting, "comm"))
	}
	// the kernel gives the files of a process that is not dumpable to root, and
	// lets nobody trace it who lacks CAP_SYS_PTRACE
	out, err := exec.Command("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace",
		"nsenter", fmt.Sprintf("--pid=/proc/%d/ns/pid", pid), "--", "sh", "-c",
		fmt.Sprintf("ls -l /proc/%d/fd /proc/%d/cwd/ 2>&1", waiting, waiting)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Permission denied") {
		t.Errorf("a neighbour without CAP_SYS_PTRACE sees: %s (%v)", out, err)
	}
}

// CVE-2022-29162: what the config does not grant as inheritable is not.
func TestNoCapabilityIsInheritableUnlessTheConfigSaysSo(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("grep CapInh /proc/self/status", harness.Caps("CAP_CHOWN", "CAP_KILL"))
	if got != "CapInh:\t0000000000000000" {
		t.Errorf("got %q", got)
	}
}

// CVE-2016-3697: a numeric name in the container's passwd is nobody.
func TestANumericNameInPasswdIsNotTakenForAUid(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/etc/passwd", "1000:x:0:0:root:/evil:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n", 0o644)
	got := h.Sh("echo $HOME; id -u", harness.Root(root), func(s *specs.Spec) { s.Process.User = specs.User{UID: 1000, GID: 1000} })
	if got != "/home/user\n1000" {
		t.Errorf("got %q", got)
	}
}
