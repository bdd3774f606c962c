package cri

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// K is a test in kubelet's place.
type K struct {
	*harness.H
	ctx context.Context
}

// begin begins a test. Its pods are removed at the end.
func begin(t testing.TB) *K {
	harness.Needs(t, "cpu") // of which containerd gives every pod shares
	h := engines.New(t)
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	k := &K{h, ctx}
	t.Cleanup(cancel)
	conn, err := engines.DialCRI()
	h.Must(err)
	services = runtime.NewRuntimeServiceClient(conn)
	t.Cleanup(func() { h.Must(conn.Close()) })
	t.Cleanup(func() {
		all, err := services.ListPodSandbox(ctx, &runtime.ListPodSandboxRequest{})
		if err != nil {
			t.Error(err)
			return
		}
		for _, p := range all.Items {
			k.removePod(p.Id)
		}
	})
	return k
}

func (k *K) stopPod(id string) {
	k.Helper()
	_, err := services.StopPodSandbox(k.ctx, &runtime.StopPodSandboxRequest{PodSandboxId: id})
	k.Must(err)
}

func (k *K) removePod(id string) {
	k.Helper()
	k.stopPod(id)
	_, err := services.RemovePodSandbox(k.ctx, &runtime.RemovePodSandboxRequest{PodSandboxId: id})
	k.Must(err)
}

// A Pod is one whose sandbox runs.
type Pod struct {
	*K
	ID     string
	Config *runtime.PodSandboxConfig
}

// podConfig is a pod's, changed by each of change.
func (k *K) podConfig(change ...func(*runtime.PodSandboxConfig)) *runtime.PodSandboxConfig {
	id := k.ID()
	c := &runtime.PodSandboxConfig{
		Metadata:     &runtime.PodSandboxMetadata{Name: id, Uid: id, Namespace: "default"},
		Hostname:     "pod",
		LogDirectory: k.Path("logs", id),
		Linux: &runtime.LinuxPodSandboxConfig{
			CgroupParent:    cgroups,
			SecurityContext: &runtime.LinuxSandboxSecurityContext{NamespaceOptions: &runtime.NamespaceOption{Pid: runtime.NamespaceMode_CONTAINER}},
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

// pod runs a pod.
func (k *K) pod(change ...func(*runtime.PodSandboxConfig)) *Pod {
	k.Helper()
	c := k.podConfig(change...)
	k.Must(os.MkdirAll(c.LogDirectory, 0o755))
	r, err := services.RunPodSandbox(k.ctx, &runtime.RunPodSandboxRequest{Config: c})
	k.Must(err)
	return &Pod{k, r.PodSandboxId, c}
}

// A Container is one of a pod.
type Container struct {
	*Pod
	ID  string
	Log string
}

// Change changes a container's configuration.
type Change = func(*runtime.ContainerConfig)

// create creates a container that runs a script.
func (p *Pod) create(script string, change ...Change) *Container {
	p.Helper()
	name := p.K.ID()
	c := &runtime.ContainerConfig{
		Metadata: &runtime.ContainerMetadata{Name: name},
		Image:    &runtime.ImageSpec{Image: image},
		Command:  []string{"sh", "-c", script},
		LogPath:  name + ".log",
		Linux: &runtime.LinuxContainerConfig{
			Resources:       &runtime.LinuxContainerResources{},
			SecurityContext: &runtime.LinuxContainerSecurityContext{NamespaceOptions: p.Config.Linux.SecurityContext.NamespaceOptions},
		},
	}
	for _, f := range change {
		f(c)
	}
	r, err := services.CreateContainer(p.ctx, &runtime.CreateContainerRequest{PodSandboxId: p.ID, Config: c, SandboxConfig: p.Config})
	p.Must(err)
	return &Container{p, r.ContainerId, p.Config.LogDirectory + "/" + c.LogPath}
}

// start starts a container that was created.
func (c *Container) start() error {
	_, err := services.StartContainer(c.ctx, &runtime.StartContainerRequest{ContainerId: c.ID})
	return err
}

// container creates a container and starts it.
func (p *Pod) container(script string, change ...Change) *Container {
	p.Helper()
	c := p.create(script, change...)
	c.Must(c.start())
	return c
}

// sleep is what runs in containers that wait. It ends on SIGTERM.
const sleep = "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"

func (c *Container) status() *runtime.ContainerStatus {
	c.Helper()
	r, err := services.ContainerStatus(c.ctx, &runtime.ContainerStatusRequest{ContainerId: c.ID})
	c.Must(err)
	return r.Status
}

// ends waits for the container's end.
func (c *Container) ends() (status *runtime.ContainerStatus) {
	c.Helper()
	c.Eventually("container "+c.ID+" ends", func() bool {
		status = c.status()
		return status.State == runtime.ContainerState_CONTAINER_EXITED
	})
	return status
}

// exec runs a script in a container.
func (c *Container) exec(script string) *runtime.ExecSyncResponse {
	c.Helper()
	r, err := services.ExecSync(c.ctx, &runtime.ExecSyncRequest{ContainerId: c.ID, Cmd: []string{"sh", "-c", script}, Timeout: 20})
	c.Must(err)
	return r
}

// says fails the test unless a script in the container succeeds and prints this.
func (c *Container) says(want, script string) {
	c.Helper()
	if r := c.exec(script); r.ExitCode != 0 || strings.TrimSpace(string(r.Stdout)) != want {
		c.Errorf("%s: status %d, %q, want %q; stderr: %s", script, r.ExitCode, r.Stdout, want, r.Stderr)
	}
}

// cgroup reads a file of the container's cgroup.
func (c *Container) cgroup(controller, file string) string {
	c.Helper()
	return c.CgroupFile(controller, cgroups+"/"+c.ID, file)
}

// holds compares the limits of a container.
func (c *Container) holds(want engines.Limits) {
	c.Helper()
	want.Hold(c.H, cgroups+"/"+c.ID)
}

// known is the state of a container, or of a pod's sandbox, as the runtime knows it.
func (k *K) known(id string) harness.State {
	k.Helper()
	return engines.JSON[harness.State](k.H, k.Program(engines.Runtime(), "--root", "/run/containerd/runc/k8s.io", "state", id))
}

// logged are the container's lines of a stream, as kubelet reads them: a time, the stream, F for a full line.
func (c *Container) logged(stream string) (text string) {
	c.Helper()
	content, err := os.ReadFile(c.Log)
	c.Must(err)
	for line := range strings.Lines(string(content)) {
		f := strings.SplitN(line, " ", 4)
		if _, err := time.Parse(time.RFC3339Nano, f[0]); err != nil || len(f) != 4 {
			c.Errorf("%q: %v", line, err)
		} else if f[1] == stream {
			text += fmt.Sprintf("%s:%s", f[2], f[3])
		}
	}
	return text
}
