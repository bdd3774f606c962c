package lifecycle

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// volume makes a directory, with one mounted below it, on a disk: not every kernel's
// tmpfs can be id-mapped.
func volume(h *harness.H) string {
	h.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "creel-test-")
	h.Must(err)
	h.Cleanup(func() { os.RemoveAll(dir) })
	h.Must(os.Chmod(dir, 0o777))
	h.Must(os.Mkdir(dir+"/sub", 0o777))
	h.Must(os.Mkdir(dir+"/other", 0o777))
	h.MountBind(dir+"/other", dir+"/sub")
	for path, id := range map[string]int{"root": 0, "user": 1000, "sub/file": 0} {
		h.WriteFile(filepath.Join(dir, path), "", 0o644)
		h.Must(os.Chown(filepath.Join(dir, path), id, id+1))
	}
	return dir
}

func mapped(source string, options []string, ids ...specs.LinuxIDMapping) harness.Mutate {
	gids := make([]specs.LinuxIDMapping, len(ids))
	copy(gids, ids)
	return harness.Mount(specs.Mount{Destination: "/mnt", Type: "bind", Source: source, Options: options, UIDMappings: ids, GIDMappings: gids})
}

const owners = "cd /mnt; stat -c '%n %u:%g' root user sub/file"

func TestAMountsOwnIdMapShiftsItsFiles(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	got := h.Sh(owners, harness.Root(h.OwnRoot()), mapped(dir, []string{"rbind"}, specs.LinuxIDMapping{ContainerID: 0, HostID: 5000, Size: 2000}))
	expect(t, got, "root 5000:5001\nuser 6000:6001\nsub/file 0:1")
}

func TestRidmapMapsTheMountsBelowToo(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	ids := specs.LinuxIDMapping{ContainerID: 0, HostID: 5000, Size: 2000}
	got := h.Sh(owners, harness.Root(h.OwnRoot()), mapped(dir, []string{"rbind", "ridmap"}, ids))
	expect(t, got, "root 5000:5001\nuser 6000:6001\nsub/file 5000:5001")
	got = h.Sh(owners, harness.Root(h.OwnRootAt("2")), mapped(dir, []string{"rbind", "idmap"}, ids))
	expect(t, got, "root 5000:5001\nuser 6000:6001\nsub/file 0:1")
}

func TestFilesMadeInAMappedMountAreMappedBack(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	h.Must(os.Chown(dir, 300, 300)) // a directory without an owner is writable for nobody
	h.Sh("touch /mnt/made", harness.Root(h.OwnRoot()), mapped(dir, []string{"bind"}, specs.LinuxIDMapping{ContainerID: 300, HostID: 1000, Size: 10}),
		func(s *specs.Spec) { s.Process.User = specs.User{UID: 1004, GID: 1005} })
	var st syscall.Stat_t
	h.Must(syscall.Stat(filepath.Join(dir, "made"), &st))
	if st.Uid != 304 || st.Gid != 305 {
		t.Errorf("made by %d:%d", st.Uid, st.Gid)
	}
}

func TestSeveralMountsMayHaveSeveralMaps(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	got := h.Sh("stat -c %u /mnt/root /opt/root /srv/root /run/root", harness.Root(h.OwnRoot()),
		mapped(dir, []string{"bind"}, specs.LinuxIDMapping{HostID: 5000, Size: 2000}),
		func(s *specs.Spec) {
			for i, dest := range []string{"/opt", "/srv", "/run"} {
				m := s.Mounts[7]
				m.Destination = dest
				if i < 2 {
					m.UIDMappings = []specs.LinuxIDMapping{{HostID: 6000 + uint32(i), Size: 2000}}
				}
				s.Mounts = append(s.Mounts, m)
			}
		})
	expect(t, got, "5000\n6000\n6001\n5000")
}

func TestIdmapWithoutAMapUsesTheContainers(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	got := h.Sh(owners+"; touch /mnt/made", shifted(h), harness.Bind(dir, "/mnt", "rbind", "idmap"))
	expect(t, got, "root 0:1\nuser 1000:1001\nsub/file 65534:65534")
	var st syscall.Stat_t
	h.Must(syscall.Stat(filepath.Join(dir, "made"), &st))
	if st.Uid != 0 {
		t.Errorf("made by %d", st.Uid)
	}
	got = h.Sh(owners, shiftedAt(h, "2"), harness.Bind(dir, "/mnt", "rbind", "ridmap", "ro"))
	expect(t, got, "root 0:1\nuser 1000:1001\nsub/file 0:1")
}

func TestIdmapWithoutAMapUsesTheJoinedNamespaces(t *testing.T) {
	h := harness.New(t)
	dir, root := volume(h), h.OwnRoot()
	h.Chown(root, 100000, 100000)
	joined := joins(h.HeldUserNS(0), specs.UserNamespace)
	got := h.Sh(owners+"; touch /mnt/made", harness.Root(root), joined, harness.Bind(dir, "/mnt", "rbind", "idmap"))
	expect(t, got, "root 0:1\nuser 1000:1001\nsub/file 65534:65534")
	var st syscall.Stat_t
	h.Must(syscall.Stat(filepath.Join(dir, "made"), &st))
	if st.Uid != 0 {
		t.Errorf("made by %d", st.Uid)
	}
	got = h.Sh(owners, harness.Root(root), joined, harness.Bind(dir, "/mnt", "rbind", "ridmap", "ro"))
	expect(t, got, "root 0:1\nuser 1000:1001\nsub/file 0:1")
	// containerd writes the maps of a pod's namespace beside its path
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
	got = h.Sh(owners, harness.Root(root), joined, harness.Bind(dir, "/mnt", "rbind", "ridmap"),
		func(s *specs.Spec) { s.Linux.UIDMappings, s.Linux.GIDMappings = ids, ids })
	expect(t, got, "root 0:1\nuser 1000:1001\nsub/file 0:1")
}

func TestAMountsOwnMapHoldsInAJoinedUserNamespace(t *testing.T) {
	h := harness.New(t)
	dir, root := volume(h), h.OwnRoot()
	h.Chown(root, 100000, 100000)
	got := h.Sh("stat -c '%n %u' /mnt/user /mnt/root", harness.Root(root), joins(h.HeldUserNS(0), specs.UserNamespace),
		mapped(dir, []string{"rbind"}, specs.LinuxIDMapping{ContainerID: 1000, HostID: 100007, Size: 10}))
	expect(t, got, "/mnt/user 7\n/mnt/root 65534")
}

func TestAMountsOwnMapMayDifferFromTheContainers(t *testing.T) {
	h := harness.New(t)
	dir := volume(h)
	// on disk 1000 is the user 100007 of the host, the container's 7
	got := h.Sh("stat -c '%n %u' /mnt/user /mnt/root", shifted(h), mapped(dir, []string{"rbind"}, specs.LinuxIDMapping{ContainerID: 1000, HostID: 100007, Size: 10}))
	expect(t, got, "/mnt/user 7\n/mnt/root 65534")
}

func shiftedAt(h *harness.H, name string) harness.Mutate {
	h.Helper()
	root := h.OwnRootAt(name)
	h.Chown(root, 100000, 100000)
	return func(s *specs.Spec) {
		harness.Root(root)(s)
		harness.UserNS(100000, 65536)(s)
	}
}
