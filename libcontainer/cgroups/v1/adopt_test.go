package v1

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

func sorted(list string) []string {
	return slices.Sorted(strings.SplitSeq(strings.TrimSpace(list), "\n"))
}

// The change is what systemd does on cgroup v1: it denies all, and allows what it knows.
func TestDevicesAreTheSameAfterSomebodyWroteThemAnew(t *testing.T) {
	g := created(t)
	if err := g.ApplyDevices([]specs.LinuxDeviceCgroup{{Allow: true, Type: "c", Access: "rw", Major: ptr(int64(10)), Minor: ptr(int64(229))}}); err != nil {
		t.Fatal(err)
	}
	dir, err := g.controller("devices").opened()
	if err != nil {
		t.Fatal(err)
	}
	before, err := dir.Read("devices.list")
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string][]string{
		"fewer": {"a", "c 1:3 rwm"}, "others": {"a", "b 8:0 rwm", "c 10:229 rwm"}, "none": {"a"}, "all": nil,
	} {
		reason := errors.New("after all")
		err := g.AroundDevices(func() error {
			if frozen, err := g.Frozen(); err != nil || !frozen {
				t.Errorf("%s: the container goes on: %v", name, err)
			}
			if lines == nil {
				return errors.Join(reason, dir.Write(allowFile, "a"))
			}
			if err := dir.Write(denyFile, lines[0]); err != nil {
				return err
			}
			for _, line := range lines[1:] {
				if err := dir.Write(allowFile, line); err != nil {
					return err
				}
			}
			return reason
		})
		if !errors.Is(err, reason) {
			t.Errorf("%s: %v", name, err)
		}
		now, err := dir.Read("devices.list")
		if err != nil || !slices.Equal(sorted(now), sorted(before)) {
			t.Errorf("%s: %v, %q, was %q", name, err, now, before)
		}
		if frozen, err := g.Frozen(); err != nil || frozen {
			t.Errorf("%s: the container stands still: %v", name, err)
		}
	}
}

func TestOnlyTheExpectedCgroupIsAdopted(t *testing.T) {
	for text, ok := range map[string]bool{
		"0::/a/x.scope\n": true, "0::/b/x.scope\n": true, "0::/a/y.scope\n": false, "0::/\n": false, "1:name=systemd:/a/x.scope\n": false, "0::/../x.scope\n": false,
	} {
		if path, err := cgfs.Adoptable(text, "", "/a/x.scope"); (err == nil) != ok {
			t.Errorf("%q: %q, %v", text, path, err)
		}
	}
}
