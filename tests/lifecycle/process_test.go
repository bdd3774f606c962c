package lifecycle

import (
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestTheProcessHasASessionKeyringOfItsOwn(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	b := h.Bundle(harness.Script("grep keyring /proc/keys; true"), func(s *specs.Spec) { s.Linux.MaskedPaths = nil })
	r := h.Ok(h.Creel("run", "--bundle", b, id))
	has(t, r.Stdout, " _ses."+id+": ")
	id = h.ID()
	r = h.Ok(h.Creel("run", "--no-new-keyring", "--bundle", b, id))
	if got := r.Stdout; len(got) > 0 && contains(got, "_ses."+id) {
		t.Errorf("with --no-new-keyring: %s", got)
	}
}

func TestPersonalityLINUX32ShowsA32BitMachine(t *testing.T) {
	h := harness.New(t)
	machine := h.Sh("uname -m")
	expect(t, h.Sh("uname -m; cat /proc/self/personality", func(s *specs.Spec) { s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux} }), machine+"\n00000000")
	want := map[string]string{"x86_64": "i686", "aarch64": "armv8l"}[machine]
	expect(t, h.Sh("uname -m; cat /proc/self/personality", func(s *specs.Spec) { s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux32} }), want+"\n00000008")
}

func TestTheSchedulerIsTheConfigs(t *testing.T) {
	h := harness.New(t)
	for want, s := range map[string]specs.Scheduler{ // nice value and policy (sched(7))
		"7 3": {Policy: specs.SchedBatch, Nice: 7},
		"0 5": {Policy: specs.SchedIdle},
		"3 0": {Policy: specs.SchedOther, Nice: 3, Flags: []specs.LinuxSchedulerFlag{specs.SchedFlagResetOnFork}},
	} {
		got := h.Sh("cut -d' ' -f19,41 /proc/1/stat", func(c *specs.Spec) { c.Process.Scheduler = &s })
		expect(t, got, want)
	}
}

func TestTheIOPriorityIsTheConfigs(t *testing.T) {
	h := harness.New(t)
	for want, p := range map[string]specs.LinuxIOPriority{
		"best-effort: prio 6": {Class: specs.IOPRIO_CLASS_BE, Priority: 6},
		"idle":                {Class: specs.IOPRIO_CLASS_IDLE},
		"realtime: prio 3":    {Class: specs.IOPRIO_CLASS_RT, Priority: 3},
	} {
		expect(t, h.Sh("ionice -p 1", func(s *specs.Spec) { s.Process.IOPriority = &p }), want)
	}
}

func TestTheProcessLeadsItsSession(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Ok(h.Run(h.Bundle(harness.Args("cut", "-d ", "-f1,5,6", "/proc/self/stat")))).Stdout, "1 1 1\n")
}

func TestTheStandardStreamsBelongToTheProcess(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("echo one > /dev/stdout; echo two >> /proc/self/fd/1; stat -L -c %u /proc/self/fd/1", func(s *specs.Spec) { s.Process.User.UID = 1000 })
	expect(t, got, "one\ntwo\n1000")
}

// The process of a container has its parent, or nobody, to ask after its end.
func TestTheProcessOfRunIsAChildOfRun(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, harness.Script("echo up; exec sleep 1000"))
	st := h.State(c.ID)
	has(t, h.ProcFile(st.Pid, "status"), "\nPPid:\t"+itoa(c.Process.Process.Pid)+"\n")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	if r := c.Result(); r.Status != 137 {
		t.Error(r)
	}
}
