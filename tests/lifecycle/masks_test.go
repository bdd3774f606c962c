package lifecycle

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMaskedFilesAreEmptyAndDirectoriesShareOneTmpfs(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"host": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			h.WriteFile(filepath.Join(root, "secret/file"), "secret", 0o644)
			h.WriteFile(filepath.Join(root, "hidden/file"), "secret", 0o644)
			h.WriteFile(filepath.Join(root, "private"), "secret", 0o644)
			got := h.Sh(`cat /private; wc -c < /proc/keys; stat -c '%F %t:%T' /private; ls -A /secret /hidden; touch /secret/x 2>&1
				[ $(stat -c %d /secret) = $(stat -c %d /hidden) ] && echo one tmpfs; stat -f -c %T /secret`, harness.Root(root), m, func(s *specs.Spec) {
				s.Linux.MaskedPaths = []string{"/secret", "/proc/keys", "/private", "/hidden", "/not/there", "/private/below/a/file", "/hidden/file/x"}
			})
			expect(t, got, "0\ncharacter special file 1:3\n/hidden:\n\n/secret:\ntouch: /secret/x: Read-only file system\none tmpfs\ntmpfs")
		})
	}
}

func TestReadonlyPathsCannotBeWritten(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"host": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			h.WriteFile(filepath.Join(root, "data/file"), "kept", 0o644)
			h.WriteFile(filepath.Join(root, "single"), "kept", 0o644)
			got := h.Sh(`(echo x > /data/file) 2>&1; (echo x > /single) 2>&1; touch /data/new 2>&1; cat /data/file /single; echo
				(echo 1 > /proc/sys/kernel/msgmax) 2>&1; touch /fine && echo fine`, harness.Root(root), m, func(s *specs.Spec) {
				s.Linux.ReadonlyPaths = []string{"/data", "/single", "/proc/sys", "/not/there", "/single/not/a/directory"}
			})
			expect(t, got, "/bin/sh: can't create /data/file: Read-only file system\n/bin/sh: can't create /single: Read-only file system\n"+
				"touch: /data/new: Read-only file system\nkeptkept\n/bin/sh: can't create /proc/sys/kernel/msgmax: Read-only file system\nfine")
		})
	}
}

func TestAReadonlyPathKeepsTheFlagsOfItsMount(t *testing.T) {
	h := harness.New(t)
	all := mountsOf(h, harness.Root(h.OwnRoot()), harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "nodev", "noexec", "noatime"}}),
		func(s *specs.Spec) { s.Linux.ReadonlyPaths = []string{"/data"} })
	if got := flagsOf(at(h, all, "/data")); got != "ro nosuid nodev noexec noatime" {
		t.Errorf("the flags: %s", got)
	}
}

func TestTheDefaultMasksHideWhatTheySay(t *testing.T) {
	h := harness.New(t)
	paths := strings.Join(harness.Default().Linux.MaskedPaths, " ")
	// nothing can be read of what is there
	expect(t, h.Sh("for p in "+paths+`; do
		if [ -d $p ]; then ls -A $p; elif [ -e $p ]; then cat $p; fi; done
		(echo 1 > /proc/sys/kernel/msgmax) 2>&1; echo alive`), "/bin/sh: can't create /proc/sys/kernel/msgmax: Read-only file system\nalive")
}
