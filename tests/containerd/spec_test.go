package containerd

import (
	"fmt"
	"os"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestAReadOnlyRootIsReadOnly(t *testing.T) {
	begin(t).prints("no", "touch /x 2>/dev/null && echo yes || echo no", "--read-only")
}

func TestCapabilitiesAreAddedAndDropped(t *testing.T) {
	c := begin(t)
	const effective = "grep CapEff /proc/self/status | cut -f 2"
	c.prints("00000000a80425fb", effective)
	c.prints("00000000a80435fb", effective, "--cap-add", "CAP_NET_ADMIN")
	c.prints("00000000a80425fa", effective, "--cap-drop", "CAP_CHOWN")
}

func TestTheDefaultSeccompProfileIsInForce(t *testing.T) {
	c := begin(t)
	c.prints("2", "grep Seccomp: /proc/self/status | cut -f 2", "--seccomp")
	c.prints("0", "grep Seccomp: /proc/self/status | cut -f 2")
}

func TestASeccompProfileOfOnesOwnIsInForce(t *testing.T) {
	c := begin(t)
	profile := c.Path("profile.json")
	c.Must(os.WriteFile(profile, []byte(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":5}]}`), 0o644))
	c.prints("mkdir: can't create directory '/x': Input/output error", "mkdir /x 2>&1; true", "--seccomp", "--seccomp-profile", profile)
}

func TestNewPrivilegesAreGainedOnlyWhenAllowed(t *testing.T) {
	c := begin(t)
	c.prints("1", "grep NoNewPrivs /proc/self/status | cut -f 2")
	c.prints("0", "grep NoNewPrivs /proc/self/status | cut -f 2", "--allow-new-privs")
}

func TestEnvironmentAndDirectoryReachTheCommand(t *testing.T) {
	begin(t).prints("blue /tmp", "echo $COLOUR $PWD", "--env", "COLOUR=blue", "--cwd", "/tmp")
}

func TestABindMountShowsTheHostsFiles(t *testing.T) {
	c := begin(t)
	c.Must(os.Mkdir(c.Path("data"), 0o755))
	c.Must(os.WriteFile(c.Path("data/file"), []byte("content"), 0o644))
	mount := "type=bind,src=" + c.Path("data") + ",dst=/data,options=rbind:"
	c.prints("content", "cat /data/file", "--mount", mount+"ro")
	c.prints("read-only", "touch /data/x 2>/dev/null || echo read-only", "--mount", mount+"ro")
	c.prints("written", "touch /data/x && echo written", "--mount", mount+"rw")
}

func TestAHostNetworkIsTheHosts(t *testing.T) {
	c := begin(t)
	host, err := os.Readlink("/proc/self/ns/net")
	c.Must(err)
	c.prints(host, "readlink /proc/self/ns/net", "--net-host")
}

func TestAContainerJoinsTheNamespacesOfAnother(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	_, pid := c.task(id)
	for kind, file := range map[string]string{"network": "net", "ipc": "ipc", "uts": "uts", "pid": "pid"} {
		c.prints(c.ProcLink(pid, "ns/"+file), "readlink /proc/self/ns/"+file, "--with-ns", fmt.Sprintf("%s:/proc/%d/ns/%s", kind, pid, file))
	}
}

func TestAUserNamespaceMapsIds(t *testing.T) {
	c := begin(t)
	c.prints("0 100000 65536 0", "echo $(cat /proc/self/uid_map) $(id -u)", "--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536")
}

func TestADeviceIsUsable(t *testing.T) {
	begin(t).prints("ok", "[ -c /dev/net/tun ] && echo ok", "--device", "/dev/net/tun")
}

func TestAContainerRunsWithoutPivotRoot(t *testing.T) {
	begin(t).prints("hello", "echo hello", "--no-pivot")
}

func TestThePropagationOfTheRootIsWhatWasAsked(t *testing.T) {
	c := begin(t)
	engines.Differs(t, "runc", "it makes the root private in any case")
	c.prints("shared", "awk '$5 == \"/\" { split($7, a, \":\"); print a[1] }' /proc/self/mountinfo", "--rootfs-propagation", "shared")
}

func TestARootFilesystemOfOnesOwnNeedsNoImage(t *testing.T) {
	c := begin(t)
	r := c.ctr(append(runFlags(), "--rm", "--rootfs", c.OwnRoot(), c.ID(), "/bin/echo", "hello")...)
	if r.Status != 0 || r.Stdout != "hello\n" {
		t.Error(r)
	}
}

func TestTheCgroupIsWhereTheFlagSays(t *testing.T) {
	c := begin(t)
	path := "/" + harness.Prefix() + "/elsewhere"
	id := c.detached(sleep, "--cgroup", path)
	_, pid := c.task(id)
	if pids := c.CgroupPids("pids", path); len(pids) == 0 || pids[0] != pid {
		t.Errorf("%v, want %d", pids, pid)
	}
}
