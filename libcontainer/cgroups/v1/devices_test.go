package v1

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func deviceList(t *testing.T, g *Group) []string {
	t.Helper()
	list := strings.Split(content(t, g, "devices", "devices.list"), "\n")
	slices.Sort(list)
	return list
}

func TestDeviceListHasTheDefaultDevices(t *testing.T) {
	g := created(t)
	want := []string{
		"b *:* m", "c *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
		"c 136:* rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm",
	}
	slices.Sort(want)
	for _, rules := range [][]specs.LinuxDeviceCgroup{nil, {{Allow: false, Access: "rwm"}}, nil} {
		mustApply(t, g, specs.LinuxResources{Devices: rules})
		if got := deviceList(t, g); !slices.Equal(got, want) {
			t.Errorf("%v gives %q", rules, got)
		}
	}
}

func TestDeviceListFollowsUpdates(t *testing.T) {
	g := created(t)
	mustApply(t, g, specs.LinuxResources{})
	base := deviceList(t, g)
	rule := func(major, minor int64, access string) specs.LinuxDeviceCgroup {
		return specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: access}
	}
	for i, step := range []struct {
		rules []specs.LinuxDeviceCgroup
		extra []string
	}{
		{[]specs.LinuxDeviceCgroup{rule(10, 229, "rw")}, []string{"c 10:229 rw"}},
		{[]specs.LinuxDeviceCgroup{rule(10, 229, "wm"), rule(10, -1, "r")}, []string{"c 10:* r", "c 10:229 wm"}},
		{[]specs.LinuxDeviceCgroup{rule(10, 229, "r")}, []string{"c 10:229 r"}},
		{[]specs.LinuxDeviceCgroup{}, nil},
		{[]specs.LinuxDeviceCgroup{{Allow: true, Major: ptr[int64](7), Access: "r"}}, []string{"b 7:* r", "c 7:* r"}},
	} {
		if err := g.Update(&specs.LinuxResources{Devices: step.rules}); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		want := append(slices.Clone(base), step.extra...)
		slices.Sort(want)
		if got := deviceList(t, g); !slices.Equal(got, want) {
			t.Errorf("step %d: %q, want %q", i, got, want)
		}
	}
	if err := g.Update(&specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}}); err != nil {
		t.Fatal(err)
	}
	if got := deviceList(t, g); !slices.Equal(got, []string{allowsAll}) {
		t.Errorf("after allowing all: %q", got)
	}
	if err := g.Update(&specs.LinuxResources{}); err != nil || !slices.Equal(deviceList(t, g), []string{allowsAll}) {
		t.Errorf("an update without devices must leave the list: %v", err)
	}
	if err := g.Update(&specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{}}); err != nil || !slices.Equal(deviceList(t, g), base) {
		t.Errorf("back to the default: %q, %v", deviceList(t, g), err)
	}
}

// The kernel looks for one rule of the parent's that covers the child's.
func TestANestedCgroupCanHaveTheDevicesOfItsParent(t *testing.T) {
	g := created(t)
	mustApply(t, g, specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: true, Type: "c", Major: ptr[int64](10), Minor: ptr[int64](229), Access: "rwm"}}})
	dir := filepath.Join(g.controller("devices").hostDir, "nested")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	for _, line := range [][2]string{{denyFile, "a"}, {allowFile, "c 10:229 rwm"}, {allowFile, "c *:* m"}} {
		if err := os.WriteFile(filepath.Join(dir, line[0]), []byte(line[1]), 0); err != nil {
			t.Errorf("%q: %v", line[1], err)
		}
	}
}

func TestDenialsAreExceptionsFromAllowingAll(t *testing.T) {
	g := created(t)
	rules := []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}, {Allow: false, Type: "c", Major: ptr[int64](10), Minor: ptr[int64](229), Access: "rw"}}
	mustApply(t, g, specs.LinuxResources{Devices: rules})
	node := filepath.Join(t.TempDir(), "fuse")
	if err := unix.Mknod(node, unix.S_IFCHR|0o600, int(unix.Mkdev(10, 229))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `read go; true < /dev/null || exit 3; true < "$0" || exit 4`, node)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := g.Join(cmd.Process.Pid, false); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 4 {
		t.Errorf("opening /dev/fuse: %v", err)
	}
}

func TestExceptionsFromExceptionsAreRefused(t *testing.T) {
	g := created(t)
	rules := []specs.LinuxDeviceCgroup{
		{Allow: true, Type: "c", Major: ptr[int64](10), Access: "rw"},
		{Allow: false, Type: "c", Major: ptr[int64](10), Minor: ptr[int64](229), Access: "w"},
	}
	err := g.ApplyDevices(rules)
	if err == nil || err.Error() != "linux.resources.devices: denying c 10:229 w is an exception from an earlier exception, which cgroup v1 cannot express" {
		t.Errorf("got %v", err)
	}
}
