package libcontainer

import (
	"slices"
	"testing"
)

func TestEveryMountOfProcAndSysfsIsAView(t *testing.T) {
	got := parseViews(`21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
23 21 0:21 / /proc rw - proc proc rw
24 22 0:22 / /sys/fs/cgroup rw master:3 - cgroup2 cgroup2 rw
25 21 0:21 / /srv/a\040jail/proc rw shared:9 master:4 propagate_from:2 - proc none rw
26 23 0:21 /sys /proc/sys ro - proc proc rw
27 21 0:21 / /proc rw - proc proc rw
not a line of it
`)
	if want := []string{"/sys", "/proc", "/srv/a jail/proc", "/proc/sys", "/proc"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
