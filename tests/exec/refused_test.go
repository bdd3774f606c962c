package exec

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// refused expects an exec to fail with status 255 and words in its last line.
func refused(h *harness.H, words string, args ...string) {
	h.Helper()
	r := h.Creel(append([]string{"exec"}, args...)...)
	if r.Status != 255 || !strings.Contains(r.LastLine(), words) {
		h.Errorf("want status 255 and %q: %s", words, r)
	}
}

func TestWhatCannotBeExecutedIsSaidInTheWordsOfTheRuntimeSpecification(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	refused(h, `exec: "nosuch": executable file not found in $PATH`, c.ID, "nosuch")
	refused(h, `exec: "/etc/passwd": permission denied`, c.ID, "/etc/passwd")
	refused(h, `exec: "/no/such": no such file or directory`, c.ID, "/no/such")
	refused(h, "process.cwd", "--cwd", "relative", c.ID, "true")
	refused(h, `--user "x": "x" is not an id`, "--user", "x", c.ID, "true")
	refused(h, `--user "1:y": "y" is not an id`, "--user", "1:y", c.ID, "true")
	refused(h, `--additional-gids "z": "z" is not an id`, "-g", "z", c.ID, "true")
	refused(h, "process.env[", "--env", "novalue", c.ID, "true")
	refused(h, "process args cannot be empty", c.ID)
	refused(h, "no such file or directory", "--process", h.Path("nothing"), c.ID)
	refused(h, "AppArmor is not", "--apparmor", "nothing", c.ID, "true")
	refused(h, "SELinux is not", "--process-label", "nothing", c.ID, "true")
	refused(h, "cannot allocate tty if creel will detach without setting console socket", "-d", "-t", c.ID, "true")
	refused(h, "cannot use console socket", "--console-socket", "/x", c.ID, "true")
	refused(h, "container does not exist", "nobody", "true")
	h.WriteFile(h.Path("process.json"), `{"args": 5}`, 0o600)
	refused(h, "args", "--process", h.Path("process.json"), c.ID)
	h.Ok(h.Creel("exec", c.ID, "true"))
}

func TestAStoppedContainerTakesNoProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	refused(h, "cannot exec in a stopped container", c.ID, "true")
}

func TestACreatedContainerTakesAProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	expect(t, exec(h, c.ID, "echo $(cat /proc/1/comm)"), "creel:[INIT]")
	if st := h.State(c.ID).Status; st != string(specs.StateCreated) {
		t.Errorf("the container is %s", st)
	}
}

func TestAnIdThatIsNotMappedIsRefused(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, harness.UserNS(100000, 1000), harness.Root(shifted(h))))
	refused(h, "process.user.uid: 5000 is not mapped", "--user", "5000", c.ID, "true")
	expect(t, exec(h, c.ID, "id -u; cat /proc/self/uid_map | tr -s ' '"), "0\n 0 100000 1000")
	expect(t, exec(h, c.ID, "id -u; id -G", "--user", "999:999"), "999\n999")
}

func TestAPausedContainerTakesAProcessOnlyWhenToldSo(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(alone))
	h.Ok(h.Creel("pause", c.ID))
	refused(h, "cannot exec in a paused container (use --ignore-paused to override)", c.ID, "true")
	p := h.Go(nil, "exec", "--ignore-paused", c.ID, "echo", "late")
	h.Eventually("the process is in the container", func() bool { return len(h.CgroupPids(harness.AnyCgroup, c.ID)) == 2 })
	expect(t, p.Output(), "")
	h.Ok(h.Creel("resume", c.ID))
	expect(t, h.Ok(p.Result()).Stdout, "late\n")
}

// Whoever manages cgroups may move a container's processes to another place.
func TestTheProcessFollowsInitToAnotherCgroup(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	pid := h.State(c.ID).Pid
	var dirs []string
	for line := range strings.Lines(h.ProcFile(pid, "cgroup")) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if f[2] != "/"+c.ID {
			continue
		}
		dir := harness.CgroupDir(strings.TrimPrefix(f[1], "name="), f[2])
		if f[1] == "" && !harness.V2() {
			dir = "/sys/fs/cgroup/unified" + f[2]
		}
		dirs = append(dirs, dir)
		sub := dir + "/moved"
		h.Must(os.Mkdir(sub, 0o755))
		if f[1] == "cpuset" {
			for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
				text, err := os.ReadFile(dir + "/" + name)
				h.Must(err)
				h.Must(os.WriteFile(sub+"/"+name, text, 0))
			}
		}
		h.Must(os.WriteFile(sub+"/cgroup.procs", []byte(strconv.Itoa(pid)), 0))
	}
	if len(dirs) == 0 {
		t.Fatal("the container is in no cgroup of its own")
	}
	own := exec(h, c.ID, "cat /proc/self/cgroup")
	if strings.Contains(own, "moved") {
		t.Errorf("without need the process is not in the container's cgroup:\n%s", own)
	}
	expect(t, exec(h, c.ID, "cat /proc/self/cgroup", "--cgroup", "moved"), strings.TrimSuffix(exec(h, c.ID, "cat /proc/1/cgroup"), "\n"))
	refused(h, "--cgroup", "--cgroup", "nothing", c.ID, "true")
	if !harness.V2() {
		got := exec(h, c.ID, "grep -c moved /proc/self/cgroup", "--cgroup", "pids:moved", "--cgroup", "cpu:/moved")
		expect(t, got, "2")
		refused(h, `"nosuch"`, "--cgroup", "nosuch:moved", c.ID, "true")
		refused(h, "is empty", "--cgroup", ":moved", c.ID, "true")
	} else {
		refused(h, "cgroup v2 has one path for all controllers", "--cgroup", "pids:moved", c.ID, "true")
	}
	refused(h, "of several each names its controllers", "--cgroup", "a", "--cgroup", "b", c.ID, "true")
}
