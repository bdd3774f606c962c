package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/conformance/seen"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func process(f func(p *specs.Process)) harness.Mutate { return func(s *S) { f(s.Process) } }

func TestProcess(t *testing.T) {
	umask := uint32(0o027)
	for name, p := range map[string]struct {
		of    func(p *specs.Process)
		right func(r seen.Report) bool
	}{
		"args": {func(p *specs.Process) { p.Args = []string{"/bin/probe", "", "two words"} },
			func(r seen.Report) bool { return slices.Equal(r.Args, []string{"/bin/probe", "", "two words"}) }},
		"path": {func(p *specs.Process) { p.Args, p.Env = []string{"probe"}, []string{"PATH=/nowhere:/bin"} },
			func(r seen.Report) bool { return r.Args[0] == "probe" }},
		"env": {func(p *specs.Process) { p.Env = []string{"A=b=c", "EMPTY="} },
			func(r seen.Report) bool { return slices.Contains(r.Env, "A=b=c") && slices.Contains(r.Env, "EMPTY=") }},
		"cwd": {func(p *specs.Process) { p.Cwd = "/etc" },
			func(r seen.Report) bool { return r.Cwd == "/etc" }},
		"user": {func(p *specs.Process) { p.User.UID, p.User.GID = 1000, 1001 },
			func(r seen.Report) bool {
				return r.UID == 1000 && r.GID == 1001 && r.Status["Uid"] == "1000\t1000\t1000\t1000" && r.Status["Gid"] == "1001\t1001\t1001\t1001"
			}},
		"additionalGids": {func(p *specs.Process) { p.User.AdditionalGids = []uint32{5, 6} },
			func(r seen.Report) bool { return slices.Contains(r.Groups, 5) && slices.Contains(r.Groups, 6) }},
		"umask": {func(p *specs.Process) { p.User.Umask = &umask },
			func(r seen.Report) bool { return r.Umask == 0o027 }},
		"capabilities": {func(p *specs.Process) {
			p.Capabilities = &specs.LinuxCapabilities{
				Bounding: []string{"CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"}, Permitted: []string{"CAP_CHOWN", "CAP_KILL"},
				Effective: []string{"CAP_KILL"}, Inheritable: []string{"CAP_CHOWN"},
			}
			p.User.UID = 1000
		}, func(r seen.Report) bool { // what a program without file capabilities keeps of these
			return strings.TrimLeft(r.Status["CapBnd"], "0") == "421" && strings.TrimLeft(r.Status["CapInh"], "0") == "1" &&
				strings.Trim(r.Status["CapEff"]+r.Status["CapPrm"]+r.Status["CapAmb"], "0") == ""
		}},
		"ambient": {func(p *specs.Process) {
			one := []string{"CAP_NET_BIND_SERVICE"}
			p.Capabilities = &specs.LinuxCapabilities{Bounding: one, Permitted: one, Effective: one, Inheritable: one, Ambient: one}
			p.User.UID = 1000
		}, func(r seen.Report) bool {
			for _, set := range []string{"CapBnd", "CapInh", "CapEff", "CapPrm", "CapAmb"} {
				if strings.TrimLeft(r.Status[set], "0") != "400" {
					return false
				}
			}
			return true
		}},
		"noNewPrivileges": {func(p *specs.Process) { p.NoNewPrivileges = true },
			func(r seen.Report) bool { return r.Status["NoNewPrivs"] == "1" }},
		"scheduler": {func(p *specs.Process) { p.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Nice: 7} },
			func(r seen.Report) bool { return r.Policy == 3 && r.Nice == 7 }},
		"ioPriority": {func(p *specs.Process) {
			p.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_BE, Priority: 6}
		},
			func(r seen.Report) bool { return r.IOPrio == 2<<13|6 }},
	} {
		each(t, name, func(c *C) {
			if r := c.see(process(p.of)); !p.right(r) {
				c.Errorf("the process sees %+v", r)
			}
		})
	}
	terminal := func(size *specs.Box) harness.Mutate {
		return process(func(p *specs.Process) { p.Terminal, p.ConsoleSize = true, size })
	}
	each(t, "terminal", func(c *C) {
		if r := c.inTerminal(terminal(nil)); !r.Terminal {
			c.Error("its standard input is no terminal")
		}
	})
	each(t, "consoleSize", func(c *C) {
		if r := c.inTerminal(terminal(&specs.Box{Height: 33, Width: 77})); r.Rows != 33 || r.Columns != 77 {
			c.Errorf("the terminal has %d rows and %d columns", r.Rows, r.Columns)
		}
	})
}

// inTerminal runs the probe with a terminal, which the test gets over a socket.
func (c *C) inTerminal(mutate ...harness.Mutate) seen.Report {
	c.Helper()
	socket := c.FDSocket("console")
	k := c.Create(c.Bundle(append([]harness.Mutate{waits}, mutate...)...), "--console-socket", socket.Path)
	f, _ := socket.Receive()
	term := c.NewTerminal(f)
	c.Ok(c.Creel("start", k.ID))
	term.Says("}\r\n")
	return c.decode(strings.ReplaceAll(term.Output(), "\r\n", "\n"))
}

func TestConsoleSizeWithoutTerminal(t *testing.T) {
	c := begin(t)
	r := c.see(process(func(p *specs.Process) { p.ConsoleSize = &specs.Box{Height: 33, Width: 77} }))
	if r.Terminal {
		t.Error("it has a terminal")
	}
}

func TestRlimitsAreSet(t *testing.T) {
	limits := func(l ...specs.POSIXRlimit) harness.Mutate {
		return process(func(p *specs.Process) { p.Rlimits = l })
	}
	each(t, "soft", func(c *C) {
		r := c.see(limits(specs.POSIXRlimit{Type: "RLIMIT_CORE", Soft: 4096, Hard: 8192}))
		if got := r.Rlimits["RLIMIT_CORE"][0]; got != 4096 {
			c.Errorf("it is %d", got)
		}
	})
	each(t, "hard", func(c *C) {
		r := c.see(limits(specs.POSIXRlimit{Type: "RLIMIT_CORE", Soft: 4096, Hard: 8192}))
		if got := r.Rlimits["RLIMIT_CORE"][1]; got != 8192 {
			c.Errorf("it is %d", got)
		}
	})
	each(t, "every-type", func(c *C) {
		var l []specs.POSIXRlimit
		want := map[string][2]uint64{}
		for i, number := range seen.Rlimits {
			v := uint64(100000 + number)
			switch i {
			case "RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_RSS", "RLIMIT_STACK": // enough to run
				v = 8<<30 + uint64(number)<<12
			case "RLIMIT_NICE", "RLIMIT_RTPRIO":
				v = 0 // only CAP_SYS_RESOURCE raises them
			case "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_NPROC", "RLIMIT_SIGPENDING":
				v = uint64(200 + number)
			}
			want[i] = [2]uint64{v, v}
			l = append(l, specs.POSIXRlimit{Type: i, Soft: v, Hard: v})
		}
		r := c.see(limits(l...))
		for name, v := range want {
			if r.Rlimits[name] != v {
				c.Errorf("%s is %v, not %v", name, r.Rlimits[name], v)
			}
		}
	})
}

func TestUnknownCapabilityIsNoError(t *testing.T) {
	c := begin(t)
	sets := []string{"CAP_KILL", "CAP_OF_NO_KERNEL"}
	r := c.see(harness.Caps(sets...))
	if got := strings.TrimLeft(r.Status["CapEff"], "0"); got != "20" {
		t.Errorf("the effective capabilities are %s", got)
	}
}

func TestOOMScoreAdjIsSet(t *testing.T) {
	c := begin(t)
	if r := c.see(process(func(p *specs.Process) { p.OOMScoreAdj = harness.Ptr(321) })); r.OOMScoreAdj != "321" {
		t.Errorf("it is %s", r.OOMScoreAdj)
	}
}

func TestOOMScoreAdjStays(t *testing.T) {
	c := begin(t)
	bundle := c.Bundle(looks, process(func(p *specs.Process) { p.OOMScoreAdj = nil }))
	c.oomScoreAdj("456")
	if r := c.decode(c.Ok(c.Run(bundle)).Stdout); r.OOMScoreAdj != "456" {
		t.Errorf("it is %s, not the caller's 456", r.OOMScoreAdj)
	}
}
