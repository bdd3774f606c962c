package nested

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// bundle makes a bundle for the creel of the outer container, in a directory of its root filesystem.
func bundle(h *harness.H, root, name string, mutate ...harness.Mutate) {
	h.Helper()
	s := harness.Default()
	s.Root.Path = "/rootfs"
	for _, m := range mutate {
		m(s)
	}
	text, err := json.Marshal(s)
	h.Must(err)
	h.WriteFile(filepath.Join(root, name, "config.json"), string(text), 0o644)
}

// outer is a root filesystem with creel, and where the inner container's root filesystem goes.
func outer(h *harness.H) string {
	h.Helper()
	root := h.OwnRoot()
	for _, dir := range []string{"rootfs", "run"} {
		h.Must(os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	return root
}

// privileged has what engines give privileged containers: all capabilities that the machine grants, nothing hidden, its
// cgroup to write to.
func privileged(root string) harness.Mutate {
	return func(s *specs.Spec) {
		harness.Root(root)(s)
		s.Process.NoNewPrivileges = false
		harness.Caps(capabilities()...)(s)
		s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
		s.Linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
		for i := range s.Mounts {
			if m := &s.Mounts[i]; m.Type == "cgroup" || m.Type == "sysfs" {
				m.Options = []string{"nosuid", "noexec", "nodev", "rw"}
			}
		}
		harness.Bind(harness.Program(), "/bin/creel", "ro")(s)
		harness.Bind(harness.Default().Root.Path, "/rootfs", "rbind")(s)
		harness.Mount(specs.Mount{Destination: "/run", Type: "tmpfs", Source: "tmpfs"})(s)
	}
}

// capabilities are those of creel's default config, and what a runtime needs besides.
func capabilities() []string {
	return strings.Fields(`CAP_AUDIT_WRITE CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD
		CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE`)
}

func contains(s, part string) bool { return strings.Contains(s, part) }

// fields joins the words of a text by single spaces.
func fields(text string) string { return strings.Join(strings.Fields(text), " ") }
