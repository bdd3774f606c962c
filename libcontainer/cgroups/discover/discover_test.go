package discover

import (
	"slices"
	"strings"
	"testing"
)

const hybridCgroup = `9:name=systemd:/
8:pids:/
4:memory:/process_api/3c8c
2:cpu,cpuacct:/user.slice
1:net_cls:/
0::/init.scope
`

const hybridMounts = `22 1 0:20 / /proc rw - proc proc rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:10 master:3 - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
42 31 0:39 / /sys/fs/cgroup/rdma rw,relatime - cgroup cgroup rw,rdma
`

func TestParseFindsMountedHierarchies(t *testing.T) {
	for _, c := range []struct {
		name, cgroup, mounts string
		want                 []Hierarchy
	}{
		{"hybrid", hybridCgroup, hybridMounts, []Hierarchy{
			{"cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/user.slice"},
			{"memory", "/sys/fs/cgroup/memory", "/process_api/3c8c"},
			{"pids", "/sys/fs/cgroup/pids", "/"},
			{"name=systemd", "/sys/fs/cgroup/systemd", "/"},
			{"", "/sys/fs/cgroup/unified", "/init.scope"},
		}},
		{"v2", "0::/user.slice/a.scope\n", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", []Hierarchy{{"", "/sys/fs/cgroup", "/user.slice/a.scope"}}},
		{"none", "0::/\n", "22 1 0:20 / /proc rw - proc proc rw\n", nil},
		{
			"a container without a cgroup namespace sees its own part only",
			"5:memory:/docker/abc/inner\n4:pids:/docker/abc\n3:cpu:/docker/abcd\n",
			"1 1 0:1 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n" +
				"1 1 0:2 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n" +
				"1 1 0:3 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n",
			[]Hierarchy{{"memory", "/sys/fs/cgroup/memory", "/inner"}, {"pids", "/sys/fs/cgroup/pids", "/"}, {"cpu", "/sys/fs/cgroup/cpu", "/"}},
		},
		{
			"of several mounts the whole one, below /sys/fs/cgroup",
			"4:pids:/a\n",
			"1 1 0:1 /a /sys/fs/cgroup/part rw - cgroup cgroup rw,pids\n" +
				"1 1 0:1 / /mnt/pids rw - cgroup cgroup rw,pids\n" +
				"1 1 0:1 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" +
				"1 1 0:1 / /sys/fs/cgroup/again rw - cgroup cgroup rw,pids\n",
			[]Hierarchy{{"pids", "/sys/fs/cgroup/pids", "/a"}},
		},
		{
			"blanks in mount points", "4:pids:/a\n", `1 1 0:1 / /my\040cgroups\134 rw - cgroup cgroup rw,pids` + "\n",
			[]Hierarchy{{"pids", `/my cgroups\`, "/a"}},
		},
		{"outside of the cgroup namespace", "0::/../../other\n", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", []Hierarchy{{"", "/sys/fs/cgroup", "/other"}}},
		{"damaged lines", "nonsense\n4:pids\n", "1 2 3 - cgroup cgroup rw,pids\n- cgroup2\n\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Parse(c.cgroup, c.mounts); !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestThisMachineHasHierarchies(t *testing.T) {
	found, err := Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found {
		if !strings.HasPrefix(h.Mount, "/") || !strings.HasPrefix(h.Own, "/") {
			t.Errorf("%+v", h)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(hybridCgroup, hybridMounts)
	f.Fuzz(func(t *testing.T, cgroup, mounts string) {
		for _, h := range Parse(cgroup, mounts) {
			if h.Own == "" || h.Own[0] != '/' || strings.Contains(h.Own+"/", "/../") {
				t.Errorf("own path %q", h.Own)
			}
		}
	})
}
