package lifecycle

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// first puts a mount before all others.
func first(m specs.Mount) harness.Mutate {
	return func(s *specs.Spec) { s.Mounts = slices.Insert(s.Mounts, 0, m) }
}

func TestWhatIsMountedOnTheRootIsTheRoot(t *testing.T) {
	propagates := func(word string) harness.Mutate {
		return func(s *specs.Spec) { s.Linux.RootfsPropagation = word }
	}
	for name, tt := range map[string]struct {
		change harness.Mutate
		flags  []string
	}{
		"alone":           {change: func(*specs.Spec) {}},
		"user namespace":  {change: harness.UserNS(0, 65536)},
		"no pivot":        {change: func(*specs.Spec) {}, flags: []string{"--no-pivot"}},
		"shared":          {change: propagates("shared")},
		"shared no pivot": {change: propagates("shared"), flags: []string{"--no-pivot"}},
		"rslave":          {change: propagates("rslave")},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			under, root := h.OwnRootAt("under"), h.OwnRoot()
			h.WriteFile(filepath.Join(under, "covered"), "", 0o644)
			h.WriteFile(filepath.Join(root, "over"), "", 0o644)
			h.WriteFile(filepath.Join(root, "etc/secret"), "secret", 0o644)
			b := h.Bundle(harness.Root(under), first(specs.Mount{Destination: "/", Source: root, Options: []string{"rbind"}}), tt.change,
				func(s *specs.Spec) {
					s.Root.Readonly = true
					s.Linux.MaskedPaths = append(s.Linux.MaskedPaths, "/etc/secret")
				},
				harness.Script(`ls / /.. /../.. /proc/1/root/ | grep -v -e :$ -e ^$ | sort | uniq -c; ls /dev/null /proc/self/fd/0 /sys/fs; cat /etc/secret
					touch /x 2>&1; ls -d /covered 2>&1; true`))
			r := h.Ok(h.Run(b, tt.flags...))
			expect(t, fields(r.Stdout), "4 bin 4 dev 4 etc 4 over 4 proc 4 root 4 sys 4 tmp "+
				fields(h.Sh("ls /dev/null /proc/self/fd/0 /sys/fs"))+
				" touch: /x: Read-only file system ls: /covered: No such file or directory")
			for _, dir := range []string{under, root} {
				if names, err := os.ReadDir(filepath.Join(dir, "dev")); err != nil || len(names) > 0 {
					t.Errorf("%s/dev holds %v, %v", dir, names, err)
				}
			}
		})
	}
}

func TestATmpfsOnTheRootMayBeFilledFromIt(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	got := h.Sh("stat -f -c %T /; touch /made; ls /", harness.Root(root),
		first(specs.Mount{Destination: "/", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup"}}))
	expect(t, fields(got), "tmpfs bin dev etc made proc root sys tmp")
	if _, err := os.Stat(root + "/made"); err == nil {
		t.Error("the file was made below the tmpfs")
	}
	got = h.Sh("touch /made 2>&1; ls -d /bin", harness.Root(root),
		first(specs.Mount{Destination: "/", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "ro"}}))
	expect(t, got, "touch: /made: Read-only file system\n/bin")
}

func TestAFileIsNoRoot(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "", 0o644)
	h.Fails(h.Run(h.Bundle(first(specs.Mount{Destination: "/", Source: h.Path("file"), Options: []string{"bind"}}))), "mounts[0]", "→ /: mount", "is a directory")
}
