package lifecycle

import (
	"crypto/sha256"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// onDisk mounts a loop device.
func onDisk(device string, options ...string) harness.Mutate {
	return harness.Mount(specs.Mount{Destination: "/disk", Type: "ext4", Source: device, Options: options})
}

func TestAReadOnlyDiskIsMountedReadOnly(t *testing.T) {
	h := harness.New(t)
	_, device := h.Ext4("--read-only")
	m := at(h, mountsOf(h, harness.Root(h.OwnRoot()), onDisk(device, "ro")), "/disk")
	if !m.has("ro") || !slices.Contains(m.super, "ro") {
		t.Errorf("the mount is %v, its file system %v", m.options, m.super)
	}
	h.Fails(h.Run(h.Bundle(harness.Root(h.OwnRootAt("rw")), onDisk(device))), "mounts[7]", "/disk", "mount ext4")
}

func TestAReadOnlyMountWritesNothingToItsDisk(t *testing.T) {
	h := harness.New(t)
	image, device := h.Ext4()
	sum := func() [32]byte {
		h.Helper()
		h.Host("blockdev --flushbufs " + device)
		content, err := os.ReadFile(image)
		h.Must(err)
		return sha256.Sum256(content)
	}
	before := sum()
	h.Sh("ls /disk", harness.Root(h.OwnRoot()), onDisk(device, "ro"))
	if sum() != before {
		t.Error("the disk changed")
	}
	h.Sh("ls /disk", harness.Root(h.OwnRootAt("rw")), onDisk(device))
	if sum() == before {
		t.Error("a writable mount leaves no trace: this test sees nothing")
	}
}

func TestAReadOnlySysfsLeavesOtherMountsOfItWritable(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Mkdir(root+"/sys2", 0o755))
	all := mountsOf(h, harness.Root(root), harness.Mount(specs.Mount{Destination: "/sys2", Type: "sysfs", Source: "sysfs"}))
	if m := at(h, all, "/sys"); !m.has("ro") || !slices.Contains(m.super, "rw") {
		t.Errorf("/sys is %v, its file system %v", m.options, m.super)
	}
	if m := at(h, all, "/sys2"); !m.has("rw") || !slices.Contains(m.super, "rw") {
		t.Errorf("/sys2 is %v, its file system %v", m.options, m.super)
	}
}

func TestADiskThatIsWritableElsewhereIsNotMountedReadOnly(t *testing.T) {
	h := harness.New(t)
	_, device := h.Ext4()
	h.Must(os.Mkdir(h.Path("mnt"), 0o755))
	h.Must(syscall.Mount(device, h.Path("mnt"), "ext4", 0, ""))
	h.Cleanup(func() { h.Must(syscall.Unmount(h.Path("mnt"), 0)) })
	h.Fails(h.Run(h.Bundle(harness.Root(h.OwnRoot()), onDisk(device, "ro"))), "mounts[7]", "/disk", "mount ext4", "device or resource busy")
}
