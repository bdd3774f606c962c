package containerd

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	tasks "github.com/containerd/containerd/api/services/tasks/v1"
	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/anypb"
)

func TestLimitsReachTheContainersCgroup(t *testing.T) {
	harness.Needs(t, "memory")
	harness.Needs(t, "cpu")
	c := begin(t)
	id := c.detached(sleep, "--memory-limit", "67108864", "--cpu-quota", "50000", "--cpu-period", "100000", "--cpu-shares", "512")
	c.holds(id, engines.Limits{Memory: 64 << 20, Quota: 50000, Period: 100000, Shares: 512})
}

func TestCpusAreAQuota(t *testing.T) {
	harness.Needs(t, "cpu")
	c := begin(t)
	id := c.detached(sleep, "--cpus", "0.25")
	c.holds(id, engines.Limits{Quota: 25000, Period: 100000})
}

// ctr has no command for it.
func TestUpdateChangesTheLimitsOfARunningContainer(t *testing.T) {
	harness.Needs(t, "memory")
	harness.Needs(t, "cpu")
	harness.Needs(t, "pids")
	c := begin(t)
	id := c.detached(sleep, "--memory-limit", "67108864")
	c.Must(c.update(id, specs.LinuxResources{
		Memory: &specs.LinuxMemory{Limit: harness.Ptr(int64(33554432))},
		CPU:    &specs.LinuxCPU{Shares: harness.Ptr(uint64(256)), Quota: harness.Ptr(int64(20000)), Period: harness.Ptr(uint64(50000))},
		Pids:   &specs.LinuxPids{Limit: harness.Ptr(int64(50))},
	}))
	c.holds(id, engines.Limits{Memory: 32 << 20, Quota: 20000, Period: 50000, Shares: 256, Pids: 50})
}

func TestAnUpdateThatTheKernelRefusesSaysWhy(t *testing.T) {
	harness.Needs(t, "cpuset")
	c := begin(t)
	id := c.detached(sleep)
	err := c.update(id, specs.LinuxResources{CPU: &specs.LinuxCPU{Cpus: "4000"}})
	if err == nil || !strings.Contains(err.Error(), "cpuset") {
		t.Error(err)
	}
	c.Ok(c.exec(id, "true"))
}

// update asks containerd's task service to change a task.
func (c *C) update(id string, r specs.LinuxResources) error {
	text, err := json.Marshal(r)
	c.Must(err)
	conn, err := grpc.NewClient("unix://"+engines.ContainerdSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	c.Must(err)
	defer conn.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "containerd-namespace", harness.Prefix())
	_, err = tasks.NewTasksClient(conn).Update(ctx, &tasks.UpdateTaskRequest{
		ContainerID: id,
		Resources:   &anypb.Any{TypeUrl: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources", Value: text},
	})
	return err
}

func TestMetricsTellWhatTheContainerUses(t *testing.T) {
	harness.Needs(t, "memory")
	harness.Needs(t, "cpu")
	harness.Needs(t, "pids")
	c := begin(t)
	id := c.detached("sleep 1000 & " + sleep)
	var m struct {
		Pids   struct{ Current int }
		Memory struct{ Usage struct{ Usage int } }
		CPU    struct{ Usage struct{ Total int } }
	}
	c.Eventually("the metrics count all processes", func() bool {
		r := c.Ok(c.ctr("tasks", "metrics", "--format", "json", id))
		c.Must(json.Unmarshal([]byte(r.Stdout), &m))
		return m.Pids.Current == 3
	})
	if m.Memory.Usage.Usage == 0 || m.CPU.Usage.Total == 0 {
		t.Errorf("%+v", m)
	}
}
