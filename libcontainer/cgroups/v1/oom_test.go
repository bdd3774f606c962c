package v1

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestOOMCountsKills(t *testing.T) {
	g := created(t)
	limit := int64(4 << 20)
	if err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit, Swap: &limit}}); err != nil {
		t.Fatal(err)
	}
	fd, _ := g.SpawnFD()
	cmd := cgtest.Start(t, fd, "sh", "-c", "read go; exec tail /dev/zero")
	if err := g.Join(cmd.Process.Pid, true); err != nil {
		t.Fatal(err)
	}
	var info driver.OOMInfo
	cgtest.Eventually(t, "tail /dev/zero is killed", func() bool {
		var err error
		if info, err = g.OOM(); err != nil {
			t.Fatal(err)
		}
		return info.Killed > 0
	})
	if info.Limit != 4<<20 || info.Peak == 0 {
		t.Errorf("%+v", info)
	}
}
