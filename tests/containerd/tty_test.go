package containerd

import "testing"

// resized says how large its terminal is, and again when that changes, as it does once the container runs.
const resized = "trap 'echo now $(stty size)' WINCH; echo now $(stty size); while [ ! -e /tmp/end ]; do sleep 0.02; done"

func TestATerminalHasTheSizeOfTheOneOutsideAndFollowsIt(t *testing.T) {
	c := begin(t)
	id := c.ID()
	p, term := c.inPty(31, 97, runArgs(id, []string{"--rm", "--tty"}, "sh", "-c", resized)...)
	term.Says("now 31 97")
	term.Resize(40, 120)
	term.Says("now 40 120")
	c.Ok(c.exec(id, "touch /tmp/end"))
	c.Ok(p.Result())
}

func TestWhatIsTypedIntoATerminalReachesTheShell(t *testing.T) {
	c := begin(t)
	p, term := c.inPty(24, 80, runArgs(c.ID(), []string{"--rm", "--tty"}, "sh")...)
	term.Says("# ")
	term.Type("echo $((40+2)); tty\n")
	term.Says("\n42\r")
	term.Type("exit 9\n")
	if r := p.Result(); r.Status != 9 {
		t.Error(r, term.Output())
	}
}

func TestExecHasATerminalOfItsOwn(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	p, term := c.inPty(24, 80, "tasks", "exec", "--exec-id", "shell", "--tty", id, "sh")
	term.Says("# ")
	term.Type("tty\n")
	term.Says("/dev/pts/0")
	term.Type("exit 4\n")
	if r := p.Result(); r.Status != 4 {
		t.Error(r, term.Output())
	}
}
