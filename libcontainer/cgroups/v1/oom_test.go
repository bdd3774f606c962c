package v1

import (
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
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
	for i := 0; i < 1000; i++ {
		info, err := g.OOM()
		if err != nil {
			t.Fatal(err)
		}
		if info.Killed > 0 {
			if info.Limit != 4<<20 || info.Peak == 0 {
				t.Errorf("%+v", info)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("tail /dev/zero was not killed")
}
