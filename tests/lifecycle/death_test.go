package lifecycle

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// killsInit is a hook of the host that ends the container's init.
func killsInit(s *specs.Spec) {
	s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{
		Path: "/bin/sh", Args: []string{"sh", "-c", `kill -KILL "$(sed 's/.*"pid":\([0-9]*\).*/\1/')"`},
	}}}
}

func TestAnInitThatIsKilledDuringCreateIsToldByItsSignal(t *testing.T) {
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		b := h.Bundle(killsInit, m)
		for _, command := range [][]string{{"create"}, {"run"}, {"run", "--detach"}} {
			r := h.Creel(append(command, "--bundle", b, h.ID())...)
			oneLine(h, r, "init was killed by signal SIGKILL")
		}
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
}

func TestAHookThatFailsAndKillsInitIsToldWithBothCauses(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(killsInit, func(s *specs.Spec) { s.Hooks.CreateRuntime[0].Args[2] += "; sleep 0.1; exit 3" })
	oneLine(h, h.Run(b), "hooks.createRuntime[0]: run /bin/sh: exit status 3: init was killed by signal SIGKILL")
}

func TestStartTellsHowInitEndedBeforeIt(t *testing.T) {
	reapNothing(t)
	for sig, how := range map[unix.Signal]string{
		unix.SIGKILL: "was killed by signal SIGKILL",
		unix.SIGTERM: "ended with status 143", // init takes it for the process that is not there yet
	} {
		h := harness.New(t)
		ctr := h.Create(h.Bundle())
		pid := h.State(ctr.ID).Pid
		h.Must(unix.Kill(pid, sig))
		h.WaitFor(ctr.ID, "stopped")
		oneLine(h, h.Creel("start", ctr.ID), "cannot start a container that has stopped: it "+how)
		_, err := unix.Wait4(pid, nil, 0, nil)
		h.Must(err)
		oneLine(h, h.Creel("start", ctr.ID), "cannot start a container that has stopped")
	}
}

// waits is a hook of the container that init waits for until it is killed.
func waits(s *specs.Spec) {
	s.Hooks = &specs.Hooks{StartContainer: []specs.Hook{{Path: "/bin/sleep", Args: []string{"sleep", "1000"}}}}
}

func TestStartTellsHowInitEndedUnderIt(t *testing.T) {
	for name, reaped := range map[string]bool{"a zombie": false, "reaped at once": true} {
		t.Run(name, func(t *testing.T) {
			if reaped && !exitByPidfd(t) {
				t.Skip("Linux before 6.15 forgets how a process ended that was waited for")
			}
			reapNothing(t)
			h := harness.New(t)
			ctr := h.Create(h.Bundle(waits))
			start := h.Go(nil, "start", ctr.ID)
			pid := h.State(ctr.ID).Pid
			h.Eventually("the hook runs", func() bool { return len(h.CgroupPids(harness.AnyCgroup, ctr.ID)) == 2 })
			if reaped { // before start looks
				h.Must(unix.Kill(start.Process.Pid, unix.SIGSTOP))
			}
			h.Must(unix.Kill(pid, unix.SIGKILL))
			if reaped {
				_, err := unix.Wait4(pid, nil, 0, nil)
				h.Must(err)
				h.Must(unix.Kill(start.Process.Pid, unix.SIGCONT))
			}
			oneLine(h, start.Result(), "init ended before it executed the process: it was killed by signal SIGKILL")
			if !reaped {
				_, err := unix.Wait4(pid, nil, 0, nil)
				h.Must(err)
			}
		})
	}
}

// exitByPidfd asks the kernel whether a pidfd tells the status of a process that is gone.
func exitByPidfd(t *testing.T) bool {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	return unix.IoctlPidfdInfo(fd, &info) == nil && info.Mask&unix.PIDFD_INFO_EXIT != 0
}

// needsMemory leaves a test to the other view, where v1 has the controller.
func needsMemory(t *testing.T) {
	t.Helper()
	if harness.V2() && !contains(harness.New(t).CgroupFile("", "/", "cgroup.controllers"), "memory") {
		t.Skip("no memory controller here: it is v1's on this machine")
	}
}

const outOfMemory = "out of memory: linux.resources.memory.limit is 8388608 bytes, "

func TestMemoryThatRunsOutInAHookOfTheContainerIsNamed(t *testing.T) {
	needsMemory(t)
	h := harness.New(t)
	hog := func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{StartContainer: []specs.Hook{{Path: "/bin/tail", Args: []string{"tail", "/dev/zero"}}}}
	}
	b := h.Bundle(memory(8<<20), hog)
	ctr := h.Create(b)
	oneLine(h, h.Creel("start", ctr.ID), "hooks.startContainer[0]", "signal: killed: "+outOfMemory, "at the peak")
	for _, flags := range [][]string{nil, {"--detach"}} {
		oneLine(h, h.Run(b, flags...), "hooks.startContainer[0]", "signal: killed: "+outOfMemory, "at the peak")
	}
}

// exhausts starts processes in the container's cgroup that want more memory than it may have, each of them only a part.
// Init is killed for it first, as its score says.
func exhausts(h *harness.H, ctr *harness.Container) {
	h.Helper()
	procs := harness.CgroupDir("memory", ctr.ID) + "/cgroup.procs"
	cmd := exec.Command("sh", "-c", "echo $$ > "+procs+"; for i in 1 2 3 4; do dd if=/dev/zero bs=3M 2>/dev/null | sleep 1000 & done; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	h.Must(cmd.Start())
	h.Cleanup(func() {
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		_ = cmd.Wait()
	})
}

func firstToDie(s *specs.Spec) { s.Process.OOMScoreAdj = harness.Ptr(1000) }

func TestAnInitThatWasKilledForMemoryBeforeStartIsToldSo(t *testing.T) {
	needsMemory(t)
	h := harness.New(t)
	ctr := h.Create(h.Bundle(memory(8<<20), firstToDie))
	exhausts(h, ctr)
	h.WaitFor(ctr.ID, "stopped")
	oneLine(h, h.Creel("start", ctr.ID), "cannot start a container that has stopped", outOfMemory, "in use", "at the peak")
}

func TestAnInitThatIsKilledForMemoryUnderStartIsToldSo(t *testing.T) {
	needsMemory(t)
	h := harness.New(t)
	ctr := h.Create(h.Bundle(memory(8<<20), firstToDie, waits))
	start := h.Go(nil, "start", ctr.ID)
	h.Eventually("the hook runs", func() bool { return len(h.CgroupPids(harness.AnyCgroup, ctr.ID)) == 2 })
	exhausts(h, ctr)
	oneLine(h, start.Result(), outOfMemory, "in use", "at the peak")
}
