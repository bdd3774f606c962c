package lifecycle

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMountsTravelInTheDirectionsThatPropagationAllows(t *testing.T) {
	for _, tt := range []struct {
		root, mount string
		in, out     bool
	}{
		{"rshared", "rshared", true, true},
		{"rslave", "rslave", true, false},
		{"", "rslave", true, false},
		{"rshared", "rslave", true, false},
		{"rprivate", "rprivate", false, false},
		{"rshared", "rprivate", false, false},
		{"rslave", "rprivate", false, false},
	} {
		t.Run(tt.root+" root "+tt.mount, func(t *testing.T) {
			h := harness.New(t)
			vol := h.Path("vol")
			h.Must(os.Mkdir(vol, 0o755))
			h.MountTmpfs(vol)
			h.Must(syscall.Mount("", vol, "", syscall.MS_SHARED, ""))
			for _, d := range []string{"host", "container"} {
				h.Must(os.Mkdir(filepath.Join(vol, d), 0o755))
			}
			c := h.Started(h.Bundle(harness.Root(h.OwnRoot()), harness.Caps("CAP_SYS_ADMIN"),
				harness.Bind(vol, "/vol", "rbind", tt.mount), func(s *specs.Spec) { s.Linux.RootfsPropagation = tt.root },
				harness.Script(`while ! [ -e /vol/go ]; do sleep 0.01; done
					[ -e /vol/host/file ] && echo came in || echo stayed out
					mount -t tmpfs none /vol/container && touch /vol/container/file && echo mounted; exec sleep 1000`)))
			h.MountTmpfs(filepath.Join(vol, "host"))
			h.WriteFile(filepath.Join(vol, "host/file"), "", 0o644)
			h.WriteFile(filepath.Join(vol, "go"), "", 0o644)
			c.Says("mounted")
			want := map[bool]string{true: "came in\nmounted\n", false: "stayed out\nmounted\n"}[tt.in]
			expect(t, c.Output(), want)
			_, err := os.Stat(filepath.Join(vol, "container/file"))
			if (err == nil) != tt.out {
				t.Errorf("the container's mount on the host: %v", err)
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
			if tt.out {
				h.Must(syscall.Unmount(filepath.Join(vol, "container"), 0))
			}
		})
	}
}

func TestEachPropagationWordOfAMountActs(t *testing.T) {
	for word, want := range map[string][]string{
		"private": nil, "rprivate": nil, "slave": {"master:"}, "rslave": {"master:"}, "shared": {"shared:"}, "rshared": {"shared:"},
		"unbindable": {"unbindable"}, "runbindable": {"unbindable"},
	} {
		t.Run(word, func(t *testing.T) {
			h := harness.New(t)
			h.Must(os.Mkdir(h.Path("vol"), 0o755))
			h.MountTmpfs(h.Path("vol"))
			h.Must(syscall.Mount("", h.Path("vol"), "", syscall.MS_SHARED, ""))
			m := at(h, mountsOf(h, harness.Root(h.OwnRoot()), harness.Bind(h.Path("vol"), "/vol", word),
				func(s *specs.Spec) { s.Linux.RootfsPropagation = "shared" }), "/vol")
			if len(m.peers) != len(want) {
				t.Errorf("%v, want %v", m.peers, want)
			}
			for _, w := range want {
				if !m.peer(w) {
					t.Errorf("%v, want %v", m.peers, want)
				}
			}
		})
	}
}

func TestRootfsPropagationIsThatOfTheRoot(t *testing.T) {
	for word, want := range map[string]string{
		"shared": "shared:", "rshared": "shared:", "slave": "", "rslave": "", "private": "", "rprivate": "", "unbindable": "unbindable", "": "",
	} {
		t.Run("propagation "+word, func(t *testing.T) {
			h := harness.New(t)
			// a root on a shared mount, as it is on a host with systemd
			h.Must(os.Mkdir(h.Path("disk"), 0o755))
			h.MountTmpfs(h.Path("disk"))
			h.Must(syscall.Mount("", h.Path("disk"), "", syscall.MS_SHARED, ""))
			root := h.Path("disk/rootfs")
			h.Must(harness.MakeRootfs(root))
			all := mountsOf(h, harness.Root(root), func(s *specs.Spec) { s.Linux.RootfsPropagation = word })
			m := at(h, all, "/")
			if below := at(h, all, "/dev"); below.peer("shared:") != (word == "rshared") {
				t.Errorf("the mounts below: %v", below.peers)
			}
			switch {
			case want != "" && !m.peer(want):
				t.Errorf("%v, want %s", m.peers, want)
			case want == "" && (m.peer("shared:") || m.peer("unbindable")):
				t.Errorf("%v, want none", m.peers)
			}
		})
	}
}

// A mount made while the container starts must not appear on a host that shares all.
func TestTheContainersOwnMountsNeverReachASharedHost(t *testing.T) {
	for _, word := range []string{"", "rshared", "rslave", "rprivate"} {
		t.Run("propagation "+word, func(t *testing.T) {
			h := harness.New(t)
			disk := h.Path("disk")
			h.Must(os.Mkdir(disk, 0o755))
			h.MountTmpfs(disk)
			h.Must(syscall.Mount("", disk, "", syscall.MS_SHARED, ""))
			root := filepath.Join(disk, "rootfs")
			h.Must(harness.MakeRootfs(root))
			c := h.Started(h.Bundle(harness.Root(root), harness.Sleep, func(s *specs.Spec) { s.Linux.RootfsPropagation = word }))
			self, err := os.ReadFile("/proc/self/mountinfo")
			h.Must(err)
			for _, m := range parseMounts(h, string(self)) {
				if rel, err := filepath.Rel(disk, m.point); err == nil && filepath.IsLocal(rel) && rel != "." {
					t.Errorf("%s is mounted on the host's %s", m.fstype, m.point)
				}
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
		})
	}
}
