package conformance

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// oomScoreAdj sets the value of the runtime's caller until the test ends.
func (c *C) oomScoreAdj(value string) {
	c.Helper()
	const file = "/proc/self/oom_score_adj"
	old := strings.TrimSpace(read(file))
	c.Must(os.WriteFile(file, []byte(value), 0))
	c.Cleanup(func() { os.WriteFile(file, []byte(old), 0) })
}

func TestHostname(t *testing.T) {
	c := begin(t)
	if r := c.see(func(s *S) { s.Hostname = "inside" }); r.Hostname != "inside" {
		t.Errorf("it is %q", r.Hostname)
	}
}

func TestDomainname(t *testing.T) {
	c := begin(t)
	if r := c.see(func(s *S) { s.Domainname = "example.org" }); r.Domainname != "example.org" {
		t.Errorf("it is %q", r.Domainname)
	}
}

func TestSysctl(t *testing.T) {
	c := begin(t)
	got := c.Sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax", func(s *S) {
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1", "kernel.shmmax": "12345"}
	})
	if got != "1\n12345" {
		t.Errorf("they are %q", got)
	}
}

func TestMaskedPaths(t *testing.T) {
	c := begin(t)
	root, own := c.ownRoot()
	c.Must(os.Mkdir(root+"/secrets", 0o755))
	c.WriteFile(root+"/secrets/file", "secret", 0o644)
	c.WriteFile(root+"/secret", "secret", 0o644)
	got := c.Sh("cat /secret; ls -A /secrets", own, func(s *S) { s.Linux.MaskedPaths = []string{"/secret", "/secrets", "/not/there"} })
	if got != "" {
		t.Errorf("the container reads %q", got)
	}
}

func TestReadonlyPaths(t *testing.T) {
	c := begin(t)
	root, own := c.ownRoot()
	c.Must(os.Mkdir(root+"/dir", 0o755))
	got := c.Sh("touch /dir/file 2>/dev/null || echo no; touch /other && echo yes", own, func(s *S) { s.Linux.ReadonlyPaths = []string{"/dir", "/not/there"} })
	if got != "no\nyes" {
		t.Errorf("it says %q", got)
	}
}

func TestPersonality(t *testing.T) {
	c := begin(t)
	var plain, linux32 string
	plain = c.see().Machine
	linux32 = c.see(func(s *S) { s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux32} }).Machine
	if plain == linux32 {
		t.Errorf("the machine is %s in both", plain)
	}
}

func TestTimeOffsets(t *testing.T) {
	c := begin(t)
	got := c.Sh("cut -d. -f1 /proc/uptime", harness.Namespace(specs.TimeNamespace, ""), func(s *S) {
		s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"boottime": {Secs: 10_000_000}, "monotonic": {Secs: 5}}
	})
	if n, err := strconv.Atoi(got); err != nil || n < 10_000_000 {
		t.Errorf("up for %q seconds", got)
	}
}

// shifted makes a root filesystem that belongs to the ids of a user namespace, and
// the namespace.
func (c *C) shifted() (string, harness.Mutate) {
	c.Helper()
	root, own := c.ownRoot()
	c.Chown(root, 100000, 100000)
	return root, func(s *S) {
		own(s)
		harness.UserNS(100000, 65536)(s)
	}
}

func TestUserNamespaceMappings(t *testing.T) {
	c := begin(t)
	_, shifted := c.shifted()
	k, r := c.waiting(shifted, process(func(p *specs.Process) { p.User.UID, p.User.GID = 7, 8 }))
	want := fmt.Sprintf("%10d %10d %10d", 0, 100000, 65536)
	if r.UIDMap != want || r.GIDMap != want || r.UID != 7 || r.GID != 8 {
		t.Errorf("it is %d:%d with the maps %q and %q", r.UID, r.GID, r.UIDMap, r.GIDMap)
	}
	if status := c.ProcFile(c.State(k.ID).Pid, "status"); !strings.Contains(status, "Uid:\t100007\t") {
		t.Errorf("on the host it is\n%s", status)
	}
}

func TestOwnershipOfTheRootStays(t *testing.T) {
	c := begin(t)
	root, shifted := c.shifted()
	c.Must(os.Chown(root+"/etc/passwd", 100005, 100006))
	c.see(shifted)
	for file, uid := range map[string]uint32{"/etc/passwd": 100005, "/bin/probe": 100000, "": 100000} {
		var st syscall.Stat_t
		c.Must(syscall.Stat(root+file, &st))
		if st.Uid != uid {
			t.Errorf("%s belongs to %d", file, st.Uid)
		}
	}
}

func TestDevLinks(t *testing.T) {
	c := begin(t)
	got := c.Sh("for l in fd stdin stdout stderr; do readlink /dev/$l; done")
	want := "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2"
	if got != want {
		t.Errorf("they are %q", got)
	}
}

func TestDefaultFilesystems(t *testing.T) {
	c := begin(t)
	r := c.see()
	for path, kind := range map[string]string{"/proc": "proc", "/sys": "sysfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs"} {
		if m, _ := r.At(path); m.Type != kind {
			t.Errorf("%s is %q", path, m.Type)
		}
	}
}

func TestIntelRdtNeedsResctrl(t *testing.T) {
	c := begin(t)
	c.refused(c.Bundle(waits, func(s *S) { s.Linux.IntelRdt = &specs.LinuxIntelRdt{ClosID: "group", Schemata: []string{"L3:0=f"}} }))
}
