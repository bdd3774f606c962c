package lifecycle

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestTheProcessHasTheIdsOfTheConfig(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Args("grep", "-E", "^(Uid|Gid|Groups)", "/proc/self/status"), func(s *specs.Spec) {
		s.Process.User = specs.User{UID: 1234, GID: 5678, AdditionalGids: []uint32{5678, 9, 100000, 4294967290}}
	})
	expect(t, fields(h.Ok(h.Run(b)).Stdout), "Uid: 1234 1234 1234 1234 Gid: 5678 5678 5678 5678 Groups: 9 5678 100000 4294967290")
	b = h.Bundle(harness.Args("grep", "-E", "^Groups", "/proc/self/status"))
	p := h.Go(func(c *exec.Cmd) {
		c.Args = append([]string{"setpriv", "--groups", "10,20", "--", c.Path}, c.Args[1:]...)
		c.Path, c.Err = exec.LookPath("setpriv")
	}, "run", "--bundle", b, h.ID())
	expect(t, fields(h.Ok(p.Result()).Stdout), "Groups:") // the caller's do not pass
}

func TestTheUmaskIsTheConfigsOr022(t *testing.T) {
	h := harness.New(t)
	root := harness.Root(h.OwnRoot())
	expect(t, h.Sh("umask"), "0022")
	got := h.Sh("umask; touch /f; mkdir /d; stat -c %a /f /d", root, func(s *specs.Spec) { s.Process.User.Umask = harness.Ptr(uint32(0o027)) })
	expect(t, got, "0027\n640\n750")
	expect(t, h.Sh("umask", func(s *specs.Spec) { s.Process.User.Umask = harness.Ptr(uint32(0)) }), "0000")
}

// capSets reads the five sets as the kernel shows them.
func capSets(h *harness.H, mutate ...harness.Mutate) string {
	h.Helper()
	b := h.Bundle(append([]harness.Mutate{harness.Args("grep", "^Cap", "/proc/self/status")}, mutate...)...)
	var sets []string
	for i, word := range strings.Fields(h.Ok(h.Run(b)).Stdout) {
		if i%2 == 1 {
			sets = append(sets, strings.TrimPrefix(word, "00000000"))
		}
	}
	return strings.Join(sets, " ")
}

func TestCapabilitySetsAreTheConfigs(t *testing.T) {
	chown, kill, both := []string{"CAP_CHOWN"}, []string{"CAP_KILL"}, []string{"CAP_CHOWN", "CAP_KILL"}
	for _, tt := range []struct {
		name string
		uid  uint32
		caps *specs.LinuxCapabilities
		want string // inheritable permitted effective bounding ambient
		// The kernel gives root more at execve(2) unless privileges may not grow.
		grown string
	}{
		{"none at all", 0, nil, "00000000 00000000 00000000 00000000 00000000", ""},
		{"empty sets", 0, &specs.LinuxCapabilities{}, "00000000 00000000 00000000 00000000 00000000", ""},
		{"root", 0, &specs.LinuxCapabilities{Bounding: both, Permitted: both, Effective: both}, "00000000 00000021 00000021 00000021 00000000", ""},
		{"root has what the bounding set allows", 0, &specs.LinuxCapabilities{Bounding: both, Permitted: chown, Effective: chown}, "00000000 00000001 00000001 00000021 00000000", "00000000 00000021 00000021 00000021 00000000"},
		{"root has not what it lacks", 0, &specs.LinuxCapabilities{Bounding: chown, Permitted: both, Effective: both}, "00000000 00000001 00000001 00000001 00000000", ""},
		{"inheritable", 0, &specs.LinuxCapabilities{Bounding: both, Permitted: both, Effective: both, Inheritable: kill}, "00000020 00000021 00000021 00000021 00000000", ""},
		{"a user", 1000, &specs.LinuxCapabilities{Bounding: both, Permitted: both, Effective: both}, "00000000 00000000 00000000 00000021 00000000", ""},
		{"a user with ambient ones", 1000, &specs.LinuxCapabilities{Bounding: both, Permitted: both, Effective: both, Inheritable: both, Ambient: kill}, "00000021 00000020 00000020 00000021 00000020", ""},
		{"ambient ones that are not inheritable", 1000, &specs.LinuxCapabilities{Bounding: both, Permitted: both, Effective: both, Ambient: kill}, "00000000 00000000 00000000 00000021 00000000", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New(t)
			set := func(s *specs.Spec) { s.Process.Capabilities, s.Process.User.UID = tt.caps, tt.uid }
			expect(t, capSets(h, set), tt.want)
			if tt.grown == "" {
				tt.grown = tt.want
			}
			expect(t, capSets(h, set, func(s *specs.Spec) { s.Process.NoNewPrivileges = false }), tt.grown)
		})
	}
}

func TestAllCapabilitiesOfTheMachineCanBeGiven(t *testing.T) {
	h := harness.New(t)
	status, err := os.ReadFile("/proc/self/status")
	h.Must(err)
	_, bounding, _ := strings.Cut(string(status), "CapBnd:\t")
	bits, err := strconv.ParseUint(bounding[:16], 16, 64)
	h.Must(err)
	var names []string
	for i, name := range capNames {
		if bits>>i&1 == 1 {
			names = append(names, name)
		}
	}
	got := h.Ok(h.Run(h.Bundle(harness.Caps(names...), harness.Args("grep", "CapEff", "/proc/self/status")))).Stdout
	expect(t, fields(got), fmt.Sprintf("CapEff: %016x", bits&(1<<len(capNames)-1)))
}

// In the order of their numbers (capabilities(7)).
var capNames = strings.Fields(`CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
	CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO
	CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD
	CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ
	CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE`)

// holds says whether this machine gives us a capability.
func holds(h *harness.H, name string) bool {
	h.Helper()
	status, err := os.ReadFile("/proc/self/status")
	h.Must(err)
	_, effective, _ := strings.Cut(string(status), "CapEff:\t")
	bits, err := strconv.ParseUint(effective[:16], 16, 64)
	h.Must(err)
	for i, n := range capNames {
		if n == name {
			return bits>>i&1 == 1
		}
	}
	h.Fatalf("no capability is called %s", name)
	return false
}

func TestACapabilityThatNobodyKnowsIsAWarning(t *testing.T) {
	h := harness.New(t)
	r := h.Ok(h.Run(h.Bundle(harness.Caps("CAP_KILL", "CAP_FLY"), harness.Args("grep", "CapEff", "/proc/self/status"))))
	has(t, r.Stderr, "level=warning", "CAP_FLY")
	has(t, r.Stdout, "0000000000000020")
}

func TestNoNewPrivilegesIsSetWhenAsked(t *testing.T) {
	h := harness.New(t)
	for _, on := range []bool{true, false} {
		b := h.Bundle(harness.Args("grep", "NoNewPrivs", "/proc/self/status"), func(s *specs.Spec) { s.Process.NoNewPrivileges = on })
		want := map[bool]string{true: "NoNewPrivs: 1", false: "NoNewPrivs: 0"}[on]
		expect(t, fields(h.Ok(h.Run(b)).Stdout), want)
	}
}

func TestASetuidProgramGivesItsPrivilegesUnlessTheyAreForbidden(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Host("cp $(command -v busybox) " + filepath.Join(root, "bin/su-cat") + " && chmod 4755 " + filepath.Join(root, "bin/su-cat"))
	h.Must(os.Remove(filepath.Join(root, "bin/ping")))
	h.Must(os.Symlink("su-cat", filepath.Join(root, "bin/ping")))
	for _, nnp := range []bool{true, false} {
		b := h.Bundle(harness.Root(root), harness.Caps("CAP_NET_RAW"), harness.Args("ping", "-c", "1", "127.0.0.1"), func(s *specs.Spec) {
			s.Process.User, s.Process.NoNewPrivileges = specs.User{UID: 1000, GID: 1000}, nnp
		})
		r := h.Run(b) // a raw socket is root's
		if (r.Status == 0) == nnp {
			t.Errorf("no new privileges %v: %s", nnp, r)
		}
	}
}
