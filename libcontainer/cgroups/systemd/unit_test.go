package systemd

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestTheUnitIsReadFromThePath(t *testing.T) {
	for _, test := range []struct {
		path     string
		rootless bool
		want     Unit
	}{
		{"", false, Unit{"creel-web.scope", "system.slice", false, "/system.slice/creel-web.scope"}},
		{"", true, Unit{"creel-web.scope", "user.slice", true, "/user.slice/user-1000.slice/user@1000.service/user.slice/creel-web.scope"}},
		{"a-b-c.slice:p:n", false, Unit{"p-n.scope", "a-b-c.slice", false, "/a.slice/a-b.slice/a-b-c.slice/p-n.scope"}},
		{"-.slice::n", false, Unit{"n.scope", "-.slice", false, "/n.scope"}},
		{"::memory", false, Unit{"memory.scope", "system.slice", false, "/system.slice/_memory.scope"}},
		{"cpu.slice:_a:b", false, Unit{"_a-b.scope", "cpu.slice", false, "/_cpu.slice/__a-b.scope"}},
		{":p:n+x/é", false, Unit{`p-n\x2bx\x2f\xc3\xa9.scope`, "system.slice", false, `/system.slice/p-n\x2bx\x2f\xc3\xa9.scope`}},
	} {
		got, err := UnitOf(driver.Options{ID: "web", CgroupsPath: test.path, Rootless: test.rootless}, 1000)
		if err != nil || got != test.want {
			t.Errorf("%q: %+v, %v, want %+v", test.path, got, err, test.want)
		}
	}
}

func TestPathsThatNameNoUnitAreErrors(t *testing.T) {
	for _, path := range []string{
		"/a", "a:b", "a:b:c:d", "a:b:c", ".slice:b:c", "a-.slice:b:c", "-a.slice:b:c", "a--b.slice:b:c", "a b.slice:b:c", "a/b.slice:b:c", "--.slice:b:c",
		":b:", ":b:c.slice", ":b:" + strings.Repeat("c", 248),
	} {
		if u, err := UnitOf(driver.Options{CgroupsPath: path}, 0); err == nil || !strings.HasPrefix(err.Error(), "linux.cgroupsPath") {
			t.Errorf("%q: %+v, %v", path, u, err)
		}
	}
	if _, err := UnitOf(driver.Options{CgroupsPath: ":b:" + strings.Repeat("c", 247)}, 0); err != nil {
		t.Errorf("255 bytes: %v", err)
	}
}
