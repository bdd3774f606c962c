package v2

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestHugetlbIsEnabledForTheLimitThatNeedsIt(t *testing.T) {
	cgtest.KeepControllers(t)
	top := "/" + cgtest.Name()
	g := groupAt(t, driver.Options{}, top+"/a")
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	if err := g.ApplyEarly(&specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 4 << 20}}}); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"hugetlb.2MB.max", "hugetlb.2MB.rsvd.max"} {
		if text, err := os.ReadFile(filepath.Join(g.hostDir(), file)); err != nil || string(text) != "4194304\n" {
			t.Errorf("%s: %q, %v", file, text, err)
		}
	}
	if err := g.Update(&specs.LinuxResources{Unified: map[string]string{"hugetlb.2MB.max": "max"}}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(g.hostDir(), "hugetlb.2MB.max")); err != nil || string(text) != "max\n" {
		t.Errorf("after the update: %q, %v", text, err)
	}
}

func TestAParentWithProcessesCannotBeControlled(t *testing.T) {
	cgtest.KeepControllers(t)
	parent := created(t)
	populate(t, parent)
	g := groupAt(t, driver.Options{}, parent.record.Path+"/web")
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	err := g.ApplyEarly(&specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 1 << 21}}})
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "no internal processes") {
		t.Errorf("got %v", err)
	}
}

func TestDevicesAreFilteredAndUpdatedOnlyOnRequest(t *testing.T) {
	g := created(t)
	if err := g.ApplyDevices(nil); err != nil {
		t.Fatal(err)
	}
	major, minor := int64(10), int64(229)
	open := func() error {
		node := filepath.Join(t.TempDir(), "fuse")
		if err := unix.Mknod(node, unix.S_IFCHR|0o600, int(unix.Mkdev(uint32(major), uint32(minor)))); err != nil {
			t.Fatal(err)
		}
		fd, _ := g.SpawnFD()
		cmd := exec.Command("sh", "-c", `: < "$0"`, node)
		cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: fd}
		return cmd.Run()
	}
	if open() == nil {
		t.Error("without rules, /dev/fuse must be closed")
	}
	if err := g.Update(&specs.LinuxResources{}); err != nil {
		t.Fatal(err)
	}
	if open() == nil {
		t.Error("an update without devices must leave the filter")
	}
	rule := specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: "rw"}
	if err := g.Update(&specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{rule}}); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Errorf("after the update: %v", err)
	}
	err := g.ApplyDevices([]specs.LinuxDeviceCgroup{{Allow: true, Type: "x", Access: "r"}})
	if err == nil || !strings.HasPrefix(err.Error(), `linux.resources.devices[0]: type "x"`) {
		t.Errorf("a bad rule: %v", err)
	}
}
