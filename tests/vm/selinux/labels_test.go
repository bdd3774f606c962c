package selinux

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Types of the policy's module "container".
const (
	process = "system_u:system_r:container_t:s0:c1,c2"
	files   = "system_u:object_r:container_file_t:s0:c1,c2"
)

// processLabel sets the label. The policy has no rule for such a change of domain under no_new_privs.
func processLabel(label string) harness.Mutate {
	return func(s *specs.Spec) { s.Process.SelinuxLabel, s.Process.NoNewPrivileges = label, false }
}

func mountLabel(label string) harness.Mutate {
	return func(s *specs.Spec) { s.Linux.MountLabel = label }
}

// labelled is a root filesystem whose files have a label of containers, and so has the directory of the
// test: files for a container's output are made there, with the type of their directory.
func labelled(h *harness.H) string {
	h.Helper()
	dir := h.OwnRoot()
	h.Host(fmt.Sprintf("chcon -R %[1]s %[2]s && chcon %[1]s %[3]s", files, dir, h.Path()))
	return dir
}

// label is the label of a file.
func label(h *harness.H, path string) string {
	h.Helper()
	buf := make([]byte, 256)
	n, err := unix.Lgetxattr(path, "security.selinux", buf)
	if err != nil {
		h.Fatalf("label of %s: %v", path, err)
	}
	return strings.TrimRight(string(buf[:n]), "\x00")
}

func TestTheProcessHasItsLabelAndIsHeldToThePolicy(t *testing.T) {
	h := harness.New(t)
	dir := labelled(h)
	h.WriteFile(dir+"/etc/allowed", "allowed\n", 0o644)
	h.WriteFile(dir+"/etc/denied", "denied\n", 0o644)
	h.Host(fmt.Sprintf("chcon %s %[2]s/etc/allowed; chcon system_u:object_r:shadow_t:s0 %[2]s/etc/denied", files, dir))
	script := harness.Script("cat /proc/self/attr/current; echo; cat /etc/allowed /etc/denied 2>&1; true")
	got := h.Ok(h.Run(h.Bundle(harness.Root(dir), processLabel(process), mountLabel(files), script))).Stdout
	if want := process + "\x00\nallowed\ncat: can't open '/etc/denied': Permission denied\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAnUnlabelledProcessMayReadWhatALabelledOneMayNot(t *testing.T) {
	h := harness.New(t)
	dir := labelled(h)
	h.WriteFile(dir+"/etc/denied", "not denied", 0o644)
	h.Host(fmt.Sprintf("chcon system_u:object_r:shadow_t:s0 %s/etc/denied", dir))
	if got := h.Sh("cat /etc/denied", harness.Root(dir)); got != "not denied" {
		t.Errorf("got %q", got)
	}
}

func TestCategoriesKeepContainersApart(t *testing.T) {
	h := harness.New(t)
	dir := labelled(h)
	h.WriteFile(dir+"/etc/others", "others\n", 0o644)
	h.Host(fmt.Sprintf("chcon system_u:object_r:container_file_t:s0:c3,c4 %s/etc/others", dir))
	got := h.Sh("cat /etc/others 2>&1; true", harness.Root(dir), processLabel(process), mountLabel(files))
	if got != "cat: can't open '/etc/others': Permission denied" {
		t.Errorf("got %q", got)
	}
}

func TestTheMountLabelIsOnTheMountsOfTheContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Root(labelled(h)), processLabel(process), mountLabel(files), harness.Sleep))
	root := filepath.Join("/proc", fmt.Sprint(h.State(c.ID).Pid), "root")
	for _, path := range []string{"/dev", "/dev/shm", "/dev/mqueue", "/dev/pts"} {
		if got := label(h, root+path); got != files {
			t.Errorf("%s has %q, want %q", path, got, files)
		}
	}
	if got := label(h, root+"/proc"); got == files {
		t.Error("/proc has the mount label")
	}
}

func TestALabelledProcessWritesToItsLabelledMounts(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("echo x > /dev/shm/file && echo x > /dev/null && echo written", harness.Root(labelled(h)), processLabel(process), mountLabel(files))
	if got != "written" {
		t.Errorf("got %q", got)
	}
}

func TestLabelsWorkInAUserNamespace(t *testing.T) {
	h := harness.New(t)
	dir := labelled(h)
	h.Chown(dir, 100000, 100000)
	got := h.Sh("cat /proc/self/attr/current; echo x > /dev/shm/file && echo written", harness.Root(dir),
		harness.UserNS(100000, 65536), processLabel(process), mountLabel(files))
	if got != process+"\x00written" {
		t.Errorf("got %q", got)
	}
}

func TestTheMountLabelIsOnTheMountsOfAUserNamespace(t *testing.T) {
	h := harness.New(t)
	dir := labelled(h)
	h.Chown(dir, 100000, 100000)
	c := h.Started(h.Bundle(harness.Root(dir), harness.UserNS(100000, 65536), processLabel(process), mountLabel(files), harness.Sleep))
	root := filepath.Join("/proc", fmt.Sprint(h.State(c.ID).Pid), "root")
	for _, path := range []string{"/dev", "/dev/shm", "/dev/mqueue", "/dev/pts"} {
		if got := label(h, root+path); got != files {
			t.Errorf("%s has %q, want %q", path, got, files)
		}
	}
}

func TestAnExecThatThePolicyRefusesIsAnErrorOfStart(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Root(labelled(h)), processLabel(process), mountLabel(files), func(s *specs.Spec) { s.Process.NoNewPrivileges = true }))
	h.Fails(h.Creel("start", c.ID), "process.args[0]", "exec /bin/true", "operation not permitted")
}

func TestLabelsThatThePolicyDoesNotKnowAreErrorsWithTheirFields(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(processLabel("system_u:system_r:no_such_t:s0"), mountLabel("system_u:object_r:none_t:s0"), harness.Sleep)
	r := h.Creel("create", "--bundle", b, h.ID())
	h.Fails(r)
	for _, want := range []string{
		`process.selinuxLabel: \"system_u:system_r:no_such_t:s0\": the policy does not know this label: invalid argument`,
		`linux.mountLabel: \"system_u:object_r:none_t:s0\": the policy does not know this label: invalid argument`,
	} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in %s", want, r.Stderr)
		}
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}
