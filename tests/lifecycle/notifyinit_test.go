package lifecycle

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// What init calls behind the filter: its own execve is the first call of a container that an agent can see.
var callsOfInit = []string{"execve", "sendmsg", "exit_group"}

// agentForExecve answers init's execve, and lets everything else through.
func agentForExecve(h *harness.H, answer harness.Answer) *harness.Agent {
	h.Helper()
	return h.Agent("agent.sock", func(c harness.Call) harness.Answer {
		if c.Nr == unix.SYS_EXECVE {
			return answer
		}
		return harness.Continue
	})
}

func numbers(calls []harness.Call) (nrs []int) {
	for _, c := range calls {
		nrs = append(nrs, c.Nr)
	}
	return nrs
}

func TestAnAgentIsAskedAboutTheExecutionOfTheProcessItself(t *testing.T) {
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		var program atomic.Value
		var a *harness.Agent
		a = h.Agent("agent.sock", func(c harness.Call) harness.Answer {
			if c.Nr == unix.SYS_EXECVE {
				program.Store(a.Read(c, c.Args[0]))
			}
			return harness.Continue
		})
		b := h.Bundle(harness.Args("/bin/echo", "done"), notifies(a.Path, callsOfInit...), m)
		expect(t, h.Ok(h.Run(b)).Stdout, "done\n")
		expect(t, program.Load().(string), "/bin/echo")
		c := h.Started(b)
		h.WaitFor(c.ID, "stopped")
		expect(t, c.Output(), "done\n")
		// the program's execve and its end, of each of the two
		want := []int{unix.SYS_EXECVE, unix.SYS_EXIT_GROUP, unix.SYS_EXECVE, unix.SYS_EXIT_GROUP}
		if got := numbers(a.Calls()); !slices.Equal(got, want) {
			t.Errorf("the agent was asked about the calls %v, want %v", got, want)
		}
	})
}

func TestAnExecutionThatTheAgentRefusesIsTold(t *testing.T) {
	h := harness.New(t)
	a := agentForExecve(h, harness.Answer(unix.ENOLINK))
	b := h.Bundle(notifies(a.Path, callsOfInit...))
	const want = "process.args[0]: exec /bin/true: link has been severed"
	oneLine(h, h.Run(b), want)
	c := h.Create(b)
	oneLine(h, h.Creel("start", c.ID), want)
	h.WaitFor(c.ID, "stopped")
	// so may its report be; whether it is before its end or is ended is open
	if got := numbers(a.Calls()); len(got) < 4 || got[0] != unix.SYS_EXECVE || got[1] != unix.SYS_SENDMSG {
		t.Errorf("the agent was asked about the calls %v", got)
	}
}

// An agent that never answers keeps the process from being executed, and nobody from ending it.
func TestAContainerWhoseAgentIsSilentIsEndedByKill(t *testing.T) {
	reapNothing(t)
	h := harness.New(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	a := h.Agent("agent.sock", func(harness.Call) harness.Answer {
		close(asked)
		<-answer
		return harness.Continue
	})
	defer close(answer)
	c := h.Create(h.Bundle(harness.Sleep, notifies(a.Path, "execve")))
	pid := h.State(c.ID).Pid
	start := h.Go(nil, "start", c.ID)
	<-asked
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	oneLine(h, start.Result(), "before the process was executed init ")
	h.WaitFor(c.ID, "stopped")
	_, err := unix.Wait4(pid, nil, 0, nil)
	h.Must(err)
}

func TestAnAgentIsAskedAboutTheExecutionOfAnExec(t *testing.T) {
	h := harness.New(t)
	a := agentForExecve(h, harness.Continue)
	c := h.Started(h.Bundle(harness.Args("/bin/sleep", "1000"), notifies(a.Path, callsOfInit...)))
	expect(t, h.Ok(h.Creel("exec", c.ID, "/bin/echo", "done")).Stdout, "done\n")
	want := []int{unix.SYS_EXECVE, unix.SYS_EXECVE, unix.SYS_EXIT_GROUP}
	if got := numbers(a.Calls()); !slices.Equal(got, want) {
		t.Errorf("the agent was asked about the calls %v, want %v", got, want)
	}
}
