package cri

import (
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/leakcheck"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestPodsOutliveContainerd(t *testing.T) {
	k := begin(t)
	p := k.pod()
	c := p.container(sleep)
	pid := k.known(c.ID).Pid
	k.Must(daemon.Kill())
	k.Must(daemon.Start())
	leakcheck.Keep(daemon.Pid())
	k.Must(engines.AwaitImages(image, sandbox))
	if s := p.status(); s.State != runtime.PodSandboxState_SANDBOX_READY {
		t.Error(s)
	}
	if s := c.status(); s.State != runtime.ContainerState_CONTAINER_RUNNING || k.known(c.ID).Pid != pid {
		t.Error(s)
	}
	c.says("alive", "echo alive")
	p.container(sleep).says("more", "echo more")
	c.stop(20)
	if s := c.status(); s.ExitCode != 0 {
		t.Error(s)
	}
}

func TestWhatHappensToContainersIsTold(t *testing.T) {
	engines.Since(t, "containerd", "2.0", "events of the container runtime interface")
	k := begin(t)
	events, err := services.GetContainerEvents(k.ctx, &runtime.GetEventsRequest{})
	k.Must(err)
	told := make(chan *runtime.ContainerEventResponse, 100)
	go func() {
		defer close(told)
		for {
			e, err := events.Recv()
			if err != nil {
				return // with the test
			}
			told <- e
		}
	}()
	c := k.pod().container("exit 4")
	for _, want := range []runtime.ContainerEventType{
		runtime.ContainerEventType_CONTAINER_CREATED_EVENT, runtime.ContainerEventType_CONTAINER_STARTED_EVENT, runtime.ContainerEventType_CONTAINER_STOPPED_EVENT,
	} {
		for e := range told {
			if e.ContainerId == c.ID && e.ContainerEventType == want {
				break
			}
		}
	}
	if err := k.ctx.Err(); err != nil {
		t.Error(err)
	}
}
