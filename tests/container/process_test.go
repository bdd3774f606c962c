package container

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func process(f func(p *specs.Process)) harness.Mutate { return func(s *S) { f(s.Process) } }

func TestOfEqualVariablesTheLastWins(t *testing.T) {
	says(t, "echo $A $B", "2 3", process(func(p *specs.Process) { p.Env = append(p.Env, "A=1", "B=3", "A=2") }))
}

func TestHomeComesFromPasswdUnlessItIsSet(t *testing.T) {
	says(t, "echo $HOME", "/root")
	says(t, "echo $HOME", "/home/user", process(func(p *specs.Process) { p.User.UID = 1000 }))
	says(t, "echo $HOME", "/", process(func(p *specs.Process) { p.User.UID = 4711 }))
	says(t, "echo $HOME", "/set", process(func(p *specs.Process) { p.Env = append(p.Env, "HOME=/set") }))
	says(t, "echo $HOME", "/root", process(func(p *specs.Process) { p.Env = append(p.Env, "HOME=") }))
}

func TestAPasswdThatIsNoRegularFileDelaysNobody(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Remove(root + "/etc/passwd"))
	if got := h.Sh("echo $HOME", harness.Root(root)); got != "/" {
		t.Errorf("HOME without a passwd is %q", got)
	}
	h.Must(os.Symlink("/dev/zero", root+"/etc/passwd"))
	if got := h.Sh("echo $HOME", harness.Root(root)); got != "/" {
		t.Errorf("HOME with an endless passwd is %q", got)
	}
}

func TestAMissingWorkingDirectoryIsMade(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("pwd; stat -c %a .", writable(h), process(func(p *specs.Process) { p.Cwd = "/new/deep" }))
	if got != "/new/deep\n755" {
		t.Errorf("got %q", got)
	}
}

func TestTheProcessHasItsUserGroupsAndUmask(t *testing.T) {
	umask := uint32(0o027)
	says(t, "id -u; id -g; id -G; umask", "1000\n1001\n1001 5 6\n0027", process(func(p *specs.Process) {
		p.User = specs.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{5, 6}, Umask: &umask}
	}))
	says(t, "umask", "0022")
}

func TestTheFiveCapabilitySetsAreAsGiven(t *testing.T) {
	// CHOWN is 0, KILL is 5, NET_BIND_SERVICE is 10
	says(t, "grep Cap /proc/self/status", strings.Join([]string{
		"CapInh:\t0000000000000020", "CapPrm:\t0000000000000020", "CapEff:\t0000000000000020",
		"CapBnd:\t0000000000000421", "CapAmb:\t0000000000000020",
	}, "\n"), process(func(p *specs.Process) {
		p.User.UID = 1000
		all := []string{"CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"}
		p.Capabilities = &specs.LinuxCapabilities{
			Bounding: all, Permitted: all, Effective: all, Inheritable: []string{"CAP_KILL"}, Ambient: []string{"CAP_KILL"},
		}
	}))
	says(t, "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000",
		process(func(p *specs.Process) { p.Capabilities = nil }))
}

func TestRlimitsAreSetAndOthersAreTheCallers(t *testing.T) {
	says(t, "ulimit -n; ulimit -Hn; ulimit -c", "5\n7\n0", process(func(p *specs.Process) {
		p.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 5, Hard: 7}, {Type: "RLIMIT_CORE"}}
	}))
}

func TestNoNewPrivilegesIsAsGiven(t *testing.T) {
	for want, on := range map[string]bool{"NoNewPrivs:\t1": true, "NoNewPrivs:\t0": false} {
		says(t, "grep NoNewPrivs /proc/self/status", want, process(func(p *specs.Process) { p.NoNewPrivileges = on }))
	}
}

func TestOOMScoreAdjIsSet(t *testing.T) {
	says(t, "cat /proc/self/oom_score_adj", "321", process(func(p *specs.Process) { p.OOMScoreAdj = harness.Ptr(321) }))
}

func TestSchedulerAndIOPriorityAreSet(t *testing.T) {
	says(t, "cut -d' ' -f41,19 /proc/self/stat", "7 3", process(func(p *specs.Process) {
		p.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Nice: 7}
	}))
	says(t, "ionice -p $$", "idle", process(func(p *specs.Process) {
		p.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_IDLE}
	}))
}

func TestPersonalityOf32BitsIsSet(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("uname -m", func(s *S) { s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux32} })
	if got != "i686" && got != "armv8l" {
		t.Errorf("the machine is %q", got)
	}
}

func TestNamesAndSysctlsAreTheContainersOwn(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	says(t, "hostname; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax", "inside\ndomain\n1\n12345", func(s *S) {
		s.Hostname, s.Domainname = "inside", "domain"
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1", "kernel/shmmax": "12345"}
	})
	if now, _ := os.Hostname(); now != host {
		t.Errorf("THE HOST WAS CHANGED: its name is %q", now)
	}
}

func TestASeccompFilterIsInForceWithAndWithoutNoNewPrivileges(t *testing.T) {
	for _, nnp := range []bool{true, false} {
		says(t, "mkdir /dev/shm/x 2>&1; grep -E '^Seccomp:' /proc/self/status; grep CapPrm /proc/self/status",
			"mkdir: can't create directory '/dev/shm/x': Permission denied\nSeccomp:\t2\nCapPrm:\t0000000000000000", func(s *S) {
				s.Process.NoNewPrivileges = nnp
				s.Process.Capabilities = nil
				s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{
					{Names: []string{"mkdir", "mkdirat"}, Action: specs.ActErrno, ErrnoRet: harness.Ptr(uint(13))},
				}}
			})
	}
}

func TestTheSessionKeyringIsNewUnlessItIsNotWanted(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("cat /proc/keys"), func(s *S) { s.Linux.MaskedPaths = nil })
	for _, flags := range [][]string{nil, {"--no-new-keyring"}} {
		id := h.ID()
		r := h.Ok(h.Creel(append(append([]string{"run", "--bundle", b}, flags...), id)...))
		if got := strings.Contains(r.Stdout, "_ses."+id+":"); got != (flags == nil) {
			t.Errorf("with %q the container has a keyring of its own: %v\n%s", flags, got, r.Stdout)
		}
	}
}
