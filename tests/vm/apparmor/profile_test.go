package apparmor

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// text is a profile that allows everything but one file of the container.
const text = `profile creel-test flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  mount,
  umount,
  signal,
  ptrace,
  unix,
  userns,
  deny /etc/secret rw,
}
`

// load loads the profile into the kernel until the test ends.
func load(h *harness.H) {
	h.Helper()
	path := h.Path("profile")
	h.WriteFile(path, text, 0o644)
	h.Host("apparmor_parser --replace --skip-cache " + path)
	h.Cleanup(func() {
		if out, err := exec.Command("apparmor_parser", "--remove", path).CombinedOutput(); err != nil {
			h.Errorf("%v: %s", err, out)
		}
	})
}

func profile(name string) harness.Mutate {
	return func(s *specs.Spec) { s.Process.ApparmorProfile = name }
}

func noNewPrivileges(set bool) harness.Mutate {
	return func(s *specs.Spec) { s.Process.NoNewPrivileges = set }
}

// root is a root filesystem in a directory of this name with two files, of which the profile denies one.
func root(h *harness.H, name string) harness.Mutate {
	h.Helper()
	dir := h.OwnRootAt(name)
	h.WriteFile(dir+"/etc/secret", "secret", 0o644)
	h.WriteFile(dir+"/etc/public", "public", 0o644)
	return harness.Root(dir)
}

const script = "cat /proc/self/attr/apparmor/current; cat /etc/public; echo; cat /etc/secret 2>&1"

const confined = "creel-test (enforce)\npublic\ncat: can't open '/etc/secret': Permission denied"

func TestAProfileConfinesTheProcess(t *testing.T) {
	h := harness.New(t)
	load(h)
	for name, mutate := range map[string]harness.Mutate{
		"without noNewPrivileges": noNewPrivileges(false),
		"with noNewPrivileges":    noNewPrivileges(true),
		"with a seccomp filter": func(s *specs.Spec) {
			s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow}
		},
	} {
		b := h.Bundle(root(h, name), profile("creel-test"), mutate, harness.Script(script+"; true"))
		if got := strings.TrimSpace(h.Ok(h.Run(b)).Stdout); got != confined {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAProfileConfinesTheProcessOfAUserNamespace(t *testing.T) {
	h := harness.New(t)
	load(h)
	own := harness.Default()
	root(h, "shifted")(own)
	h.Chown(own.Root.Path, 100000, 100000)
	b := h.Bundle(harness.Root(own.Root.Path), harness.UserNS(100000, 65536), profile("creel-test"), harness.Script(script+"; true"))
	if got := strings.TrimSpace(h.Ok(h.Run(b)).Stdout); got != confined {
		t.Errorf("got %q", got)
	}
}

func TestTheProfileIsThatOfACreatedContainersProcessFromItsFirstInstruction(t *testing.T) {
	h := harness.New(t)
	load(h)
	c := h.Started(h.Bundle(harness.Sleep, profile("creel-test")))
	if got := strings.TrimSpace(h.ProcFile(h.State(c.ID).Pid, "attr/apparmor/current")); got != "creel-test (enforce)" {
		t.Errorf("got %q", got)
	}
}

func TestWithoutAProfileTheProcessIsUnconfined(t *testing.T) {
	h := harness.New(t)
	if got := h.Sh(script, root(h, "rootfs")); got != "unconfined\npublic\nsecret" {
		t.Errorf("got %q", got)
	}
}

func TestTheProfileUnconfinedIsNone(t *testing.T) {
	h := harness.New(t)
	if got := h.Sh(script, root(h, "rootfs"), profile("unconfined")); got != "unconfined\npublic\nsecret" {
		t.Errorf("got %q", got)
	}
}

func TestAProfileThatDoesNotExistIsAnErrorOfCreate(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(profile("no-such-profile"), harness.Sleep)
	h.Fails(h.Creel("create", "--bundle", b, h.ID()), "process.apparmorProfile", "no-such-profile", "no such file or directory")
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}
