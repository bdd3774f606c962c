package exec

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestTheProcessIsInAllOfTheContainersNamespaces(t *testing.T) {
	all := []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}
	script := "for n in " + strings.Join(all, " ") + "; do readlink /proc/$P/ns/$n; done"
	for name, mutate := range map[string][]harness.Mutate{
		"default":           nil,
		"user namespace":    {harness.UserNS(100000, 65536)},
		"time namespace":    {harness.Namespace(specs.TimeNamespace, "")},
		"user and time":     {harness.UserNS(100000, 65536), harness.Namespace(specs.TimeNamespace, "")},
		"no pid namespace":  {harness.NoNamespace(specs.PIDNamespace)},
		"no net namespace":  {harness.NoNamespace(specs.NetworkNamespace)},
		"cgroup namespace":  {harness.Namespace(specs.CgroupNamespace, "")},
		"joined namespaces": {harness.Namespace(specs.NetworkNamespace, "/proc/1/ns/net"), harness.Namespace(specs.IPCNamespace, "/proc/1/ns/ipc")},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			if strings.HasPrefix(name, "user") {
				mutate = append(mutate, harness.Root(shifted(h)))
			}
			c := h.Started(h.Bundle(append([]harness.Mutate{harness.Sleep}, mutate...)...))
			pid := h.State(c.ID).Pid
			init := h.Host(strings.ReplaceAll(script, "$P", strconv.Itoa(pid)))
			if name == "no pid namespace" {
				pid, _ = strconv.Atoi(exec(h, c.ID, "echo $$"))
				if pid < 3 {
					t.Errorf("its pid is %d", pid)
				}
			}
			expect(t, exec(h, c.ID, strings.ReplaceAll(script, "$P", "self"))+"\n", init)
		})
	}
}

// shifted is a root filesystem that belongs to the ids of a user namespace.
func shifted(h *harness.H) string {
	h.Helper()
	dir := h.OwnRoot()
	h.Chown(dir, 100000, 100000)
	return dir
}

func TestTheProcessHasTheStatusAndTheStreamsOfItsOwn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	r := h.Creel("exec", c.ID, "sh", "-c", "echo out; echo err >&2; exit 7")
	if r.Status != 7 || r.Stdout != "out\n" || r.Stderr != "err\n" {
		t.Errorf("%s", r)
	}
	if r := h.Creel("exec", c.ID, "sh", "-c", "kill -9 $$"); r.Status != 128+9 {
		t.Errorf("killed: %s", r)
	}
	// what looks like a flag of ours behind the id is the program's
	expect(t, h.Ok(h.Creel("exec", c.ID, "echo", "--cwd", "/x", "-t")).Stdout, "--cwd /x -t\n")
}

func TestTheProcessIsLikeTheContainersOwnUnlessToldOtherwise(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Process.Env = append(s.Process.Env, "A=container", "B=container")
		s.Process.Cwd = "/tmp"
		s.Process.User = specs.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{7}, Umask: harness.Ptr(uint32(0o27))}
		s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 70, Hard: 80}}
		s.Process.NoNewPrivileges = false
	}))
	script := "id -u; id -g; id -G; umask; pwd; ulimit -Sn; ulimit -Hn; echo $A $B $HOME; grep NoNewPrivs /proc/self/status"
	expect(t, exec(h, c.ID, script), "1000\n1001\n1001 7\n0027\n/tmp\n70\n80\ncontainer container /home/user\nNoNewPrivs:\t0")
	expect(t, exec(h, c.ID, script, "--user", "0:5", "-g", "8", "--additional-gids", "9,10", "--cwd", "/root", "-e", "B=exec", "--env", "A=x", "--no-new-privs"),
		"0\n5\n5 7 8 9 10\n0027\n/root\n70\n80\nx exec /root\nNoNewPrivs:\t1")
	expect(t, exec(h, c.ID, "id -u; id -g", "-u", "12"), "12\n1001")
}

func TestCapabilitiesAreAddedToTheContainersOwn(t *testing.T) {
	h := harness.New(t)
	caps := func(id string, flags ...string) string {
		return exec(h, id, "grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f 2 | tr '\\n' ' '", flags...)
	}
	c := h.Started(h.Bundle(harness.Sleep, harness.Caps("CAP_CHOWN")))
	const none, chown, both = "0000000000000000", "0000000000000001", "0000000000002001"
	expect(t, caps(c.ID), strings.Join([]string{none, chown, chown, chown, none, ""}, " "))
	expect(t, caps(c.ID, "--cap", "CAP_NET_RAW"), strings.Join([]string{none, both, both, both, none, ""}, " "))
	if r := h.Ok(h.Creel("exec", "--cap", "CAP_NOTHING", c.ID, "true")); !strings.Contains(r.Stderr, "CAP_NOTHING") {
		t.Errorf("no warning: %s", r)
	}
}

func TestAProcessFileSaysAllOfTheProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, func(s *specs.Spec) { s.Process.Env = append(s.Process.Env, "A=container") }))
	path := processFile(h, func(p *specs.Process) {
		p.Args = []string{"sh", "-c", "id -u; pwd; echo -$A-"}
		p.User.UID, p.Cwd = 77, "/etc"
	})
	expect(t, h.Ok(h.Creel("exec", "--process", path, c.ID)).Stdout, "77\n/etc\n--\n")
	expect(t, h.Ok(h.Creel("exec", "-p", path, c.ID)).Stdout, "77\n/etc\n--\n")
}

func TestTheProcessIsInTheContainersCgroups(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(alone))
	pid := h.State(c.ID).Pid
	p := h.Go(nil, "exec", c.ID, "sh", "-c", "echo up; exec sleep 1000")
	h.Eventually("the process is up", func() bool { return p.Output() == "up\n" })
	pids := h.CgroupPids(harness.AnyCgroup, c.ID)
	if i := slices.Index(pids, pid); len(pids) != 2 || i < 0 {
		t.Fatalf("there are %v, init is %d", pids, pid)
	} else {
		expect(t, h.ProcFile(pids[1-i], "cgroup"), h.ProcFile(pid, "cgroup"))
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	if r := p.Result(); r.Status != 128+9 {
		t.Errorf("the exec of a deleted container: %s", r)
	}
}

func TestTheFilterOfTheContainerIsLoaded(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Linux.Seccomp = &specs.LinuxSeccomp{
			DefaultAction: specs.ActAllow,
			Syscalls:      []specs.LinuxSyscall{{Names: []string{"mkdir", "mkdirat"}, Action: specs.ActErrno, ErrnoRet: harness.Ptr(uint(unix.EXDEV))}},
		}
	}))
	for _, flags := range [][]string{nil, {"--no-new-privs"}, {"--user", "1000"}} {
		got := exec(h, c.ID, "mkdir /tmp/x 2>&1; grep ^Seccomp: /proc/self/status", flags...)
		expect(t, got, "mkdir: can't create directory '/tmp/x': Invalid cross-device link\nSeccomp:\t2")
	}
	// the profile is the container's, whatever became of the bundle
	h.Must(os.Remove(h.State(c.ID).Bundle + "/config.json"))
	expect(t, exec(h, c.ID, "grep ^Seccomp: /proc/self/status"), "Seccomp:\t2")
}

func TestCPUsOfAnExecAreItsOwn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "0", Final: "0"}
	}))
	const list = "grep Cpus_allowed_list /proc/self/status | cut -f 2"
	expect(t, exec(h, c.ID, list), "0")
	if all := exec(h, c.ID, "grep Cpus_allowed_list /proc/1/status | cut -f 2"); all == "0" && runtime.NumCPU() > 1 {
		t.Error("the container's own process is bound as well")
	}
	for _, a := range []specs.CPUAffinity{{Initial: "x"}, {Final: "1-"}, {Initial: "5000"}, {Final: "5000"}} {
		path := processFile(h, func(p *specs.Process) { p.Args, p.ExecCPUAffinity = []string{"true"}, &a })
		refused(h, "process.execCPUAffinity", "--process", path, c.ID)
	}
}

func TestADetachedExecReturnsWithThePidInItsFile(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	file := h.Path("pid")
	h.Ok(h.Creel("exec", "--detach", "--pid-file", file, c.ID, "sleep", "1000"))
	text, err := os.ReadFile(file)
	h.Must(err)
	pid, err := strconv.Atoi(string(text))
	h.Must(err)
	expect(t, strings.ReplaceAll(h.ProcFile(pid, "cmdline"), "\x00", " "), "sleep 1000 ")
	expect(t, h.ProcLink(pid, "ns/pid"), h.ProcLink(h.State(c.ID).Pid, "ns/pid"))
}

func TestThePidfdSocketGetsThePidfdOfTheProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	s := h.FDSocket("pidfd")
	h.Ok(h.Creel("exec", "-d", "--pidfd-socket", h.Path("pidfd"), "--pid-file", h.Path("pid"), c.ID, "sleep", "1000"))
	f, _ := s.Receive()
	defer f.Close()
	text, err := os.ReadFile(h.Path("pid"))
	h.Must(err)
	if info := h.ProcFile(os.Getpid(), "fdinfo/"+strconv.Itoa(int(f.Fd()))); !strings.Contains(info, "Pid:\t"+string(text)+"\n") {
		t.Errorf("the pidfd is not of process %s:\n%s", text, info)
	}
}

func TestExtraFilesArePassedAndNoOthers(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	list := "for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done; true"
	expect(t, exec(h, c.ID, list), "0\n1\n2")
	expect(t, h.Host(harness.Program()+" --root "+h.Root+" exec --preserve-fds 2 "+c.ID+" sh -c '"+list+"' 3</dev/null 4</dev/null 5</dev/null </dev/null"), "0\n1\n2\n3\n4\n")
}

func TestATerminalIsTheContainersOwn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	p, term := h.GoInPty(30, 90, "exec", "-t", c.ID, "sh", "-c", "tty; stty size; read x; echo got $x; exit 3")
	term.Says("/dev/pts/0")
	term.Says("30 90")
	term.Type("word\n")
	term.Says("got word")
	if r := p.Result(); r.Status != 3 {
		t.Errorf("%s", r)
	}
	s := h.FDSocket("console")
	h.Ok(h.Creel("exec", "-d", "-t", "--console-socket", h.Path("console"), c.ID, "sh", "-c", "tty; sleep 1000"))
	f, _ := s.Receive()
	other := h.NewTerminal(f)
	other.Says("/dev/pts/0")
}

func TestSignalsArePassedOn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	p := h.Go(nil, "exec", c.ID, "sh", "-c", "trap 'echo got TERM; exit 4' TERM; echo up; while :; do sleep 0.05; done")
	h.Eventually("the process is up", func() bool { return p.Output() == "up\n" })
	h.Must(p.Process.Signal(unix.SIGTERM))
	if r := p.Result(); r.Status != 4 || r.Stdout != "up\ngot TERM\n" {
		t.Errorf("%s", r)
	}
}
