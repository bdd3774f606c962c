package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/opencontainers/runtime-spec/specs-go/features"
	"golang.org/x/sys/unix"
)

func TestSpecWritesAConfigOnceAndNeverOverOne(t *testing.T) {
	for _, flags := range [][]string{nil, {"--rootless"}} {
		dir := t.TempDir()
		args := append([]string{"spec", "--bundle", dir}, flags...)
		if got := creel(t, args...); got != (result{}) {
			t.Fatalf("%q: %+v", flags, got)
		}
		text := read(t, dir+"/config.json")
		var s specs.Spec
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.Version != specs.Version || s.Root.Path != "rootfs" {
			t.Errorf("%q: %v, version %s", flags, err, s.Version)
		}
		if mapped := len(s.Linux.UIDMappings) == 1; mapped != (flags != nil) {
			t.Errorf("%q: uidMappings %v", flags, s.Linux.UIDMappings)
		}
		want := "File " + dir + "/config.json exists. Remove it first"
		if got := creel(t, args...); got.status != 1 || !strings.Contains(got.stderr, want) || read(t, dir+"/config.json") != text {
			t.Errorf("the second time: %+v", got)
		}
	}
	dir := t.TempDir()
	if err := os.Symlink("elsewhere", dir+"/config.json"); err != nil {
		t.Fatal(err)
	}
	if got := creel(t, "spec", "-b", dir); got.status != 1 {
		t.Errorf("through a link: %+v", got)
	}
	if _, err := os.Lstat(dir + "/elsewhere"); err == nil {
		t.Error("spec wrote through a link")
	}
	if got := creel(t, "spec", "-b", dir+"/none"); got.status != 1 || !strings.Contains(got.stderr, "no such file or directory") {
		t.Errorf("without a bundle: %+v", got)
	}
}

func TestFeaturesIsTheDocumentOfTheSpecification(t *testing.T) {
	got := creel(t, "features")
	if got.status != 0 || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	var f features.Features
	d := json.NewDecoder(strings.NewReader(got.stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("behind the document: %v", err)
	}
	if f.OCIVersionMin != "1.0.0" || f.OCIVersionMax != specs.Version {
		t.Errorf("versions %s to %s", f.OCIVersionMin, f.OCIVersionMax)
	}
	hooks := []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}
	if !slices.Equal(f.Hooks, hooks) {
		t.Errorf("hooks %q", f.Hooks)
	}
	namespaces := []string{"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}
	if !slices.Equal(f.Linux.Namespaces, namespaces) {
		t.Errorf("namespaces %q", f.Linux.Namespaces)
	}
	caps := f.Linux.Capabilities
	if len(caps) != unix.CAP_LAST_CAP+1 || caps[unix.CAP_CHOWN] != "CAP_CHOWN" || caps[unix.CAP_SYS_ADMIN] != "CAP_SYS_ADMIN" ||
		caps[unix.CAP_CHECKPOINT_RESTORE] != "CAP_CHECKPOINT_RESTORE" {
		t.Errorf("%d capabilities, in another order than the kernel's: %q", len(caps), caps)
	}
	for name, list := range map[string][]string{
		"mountOptions": f.MountOptions, "actions": f.Linux.Seccomp.Actions, "operators": f.Linux.Seccomp.Operators, "archs": f.Linux.Seccomp.Archs,
	} {
		if sorted := slices.Sorted(slices.Values(list)); !slices.Equal(list, slices.Compact(sorted)) || len(list) == 0 {
			t.Errorf("%s are not sorted, or twice there: %q", name, list)
		}
	}
}

// What runtime-spec's config.md lists as options of mounts that a runtime must or should know.
const mountOptions = "async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev nodiratime noexec " +
	"noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private rbind ratime rdev rdiratime relatime remount rexec " +
	"ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared " +
	"rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable"

func TestFeaturesListsAllThatTheSpecificationNames(t *testing.T) {
	f := allFeatures()
	for what, lists := range map[string][2][]string{
		"mount option":     {strings.Fields(mountOptions), f.MountOptions},
		"seccomp operator": {strings.Fields("SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_LE SCMP_CMP_LT SCMP_CMP_MASKED_EQ SCMP_CMP_NE"), f.Linux.Seccomp.Operators},
		"seccomp action":   {strings.Fields("SCMP_ACT_ALLOW SCMP_ACT_ERRNO SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_LOG SCMP_ACT_TRACE SCMP_ACT_TRAP"), f.Linux.Seccomp.Actions},
		"seccomp arch":     {strings.Fields("SCMP_ARCH_AARCH64 SCMP_ARCH_ARM SCMP_ARCH_RISCV64 SCMP_ARCH_S390X SCMP_ARCH_X32 SCMP_ARCH_X86 SCMP_ARCH_X86_64"), f.Linux.Seccomp.Archs},
		"seccomp flag":     {strings.Fields("SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"), f.Linux.Seccomp.KnownFlags},
	} {
		for _, word := range lists[0] {
			if !slices.Contains(lists[1], word) {
				t.Errorf("no %s %s", what, word)
			}
		}
	}
	for _, flag := range f.Linux.Seccomp.SupportedFlags {
		if !slices.Contains(f.Linux.Seccomp.KnownFlags, flag) {
			t.Errorf("%s is supported and not known", flag)
		}
	}
	for name, on := range map[string]*bool{
		"apparmor": f.Linux.Apparmor.Enabled, "selinux": f.Linux.Selinux.Enabled, "idmap": f.Linux.MountExtensions.IDMap.Enabled,
		"cgroup v1": f.Linux.Cgroup.V1, "cgroup v2": f.Linux.Cgroup.V2,
	} {
		if on == nil || !*on {
			t.Errorf("%s is not enabled", name)
		}
	}
}

// tree describes every file below dir.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// public is a directory, with the program in it, that every user can reach.
func public(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/creel", program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir+"/b/rootfs", 0o755); err != nil {
		t.Fatal(err)
	}
	if got := creel(t, "spec", "--bundle", dir+"/b"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	return dir
}

func TestPlanNeedsNoPrivilegeAndDoesNothing(t *testing.T) {
	dir := public(t)
	before := tree(t, dir)
	plan := func(flags ...string) result {
		cmd := exec.Command(dir+"/creel", append([]string{"--root", dir + "/root", "plan", "--bundle", dir + "/b"}, flags...)...)
		cmd.Dir = dir
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return finish(t, cmd)
	}
	got := plan()
	if got.status != 0 || !strings.HasPrefix(got.stdout, "STEP") || !strings.Contains(got.stdout, "mounts[0]") {
		t.Fatalf("%+v", got)
	}
	for _, flags := range [][]string{{"web", "--format", "json"}, {"--format=json", "web"}} {
		var doc struct {
			ID    string
			Steps []struct{ Op, Source string }
		}
		got = plan(flags...)
		if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || doc.ID != "web" || len(doc.Steps) < 20 {
			t.Errorf("%q: %v, %s with %d steps", flags, err, doc.ID, len(doc.Steps))
		}
	}
	for _, wrong := range [][]string{{"--format", "xml"}, {"--bundle", dir}} {
		if got := plan(wrong...); got.status != 1 || got.stdout != "" {
			t.Errorf("%q: %+v", wrong, got)
		}
	}
	if after := tree(t, dir); after != before {
		t.Errorf("plan left something:\n%s\nbefore:\n%s", after, before)
	}
}

func TestPlansOfOneBundleAreTheSame(t *testing.T) {
	dir := public(t)
	first := creel(t, "plan", "--bundle", dir+"/b", "web")
	second := creel(t, "plan", "--bundle", dir+"/b", "web")
	if first.status != 0 || first.stdout != second.stdout {
		t.Errorf("two plans of one bundle:\n%s\n%s", first.stdout, second.stdout)
	}
}
