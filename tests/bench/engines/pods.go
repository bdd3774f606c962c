package main

import (
	"context"
	"fmt"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// kubelet's place: the client, and the container of each runtime's pod.
var (
	client     runtime.RuntimeServiceClient
	containers = map[string]string{}
)

// startPods runs a pod with one container for each runtime, in the machine's network: there are no addresses to wait for.
func startPods(o *options) error {
	conn, err := engines.DialCRI()
	if err == nil {
		err = engines.AwaitImages(imageName)
	}
	if err != nil {
		return err
	}
	client = runtime.NewRuntimeServiceClient(conn)
	for _, p := range o.runtimes {
		if err := startPod(p); err != nil {
			return fmt.Errorf("pod of %s: %w", p.name, err)
		}
	}
	return nil
}

func startPod(p program) error {
	ctx := context.Background()
	config := &runtime.PodSandboxConfig{
		Metadata: &runtime.PodSandboxMetadata{Name: p.name, Uid: p.name, Namespace: "default"},
		Linux: &runtime.LinuxPodSandboxConfig{
			CgroupParent: cgroups,
			SecurityContext: &runtime.LinuxSandboxSecurityContext{NamespaceOptions: &runtime.NamespaceOption{
				Network: runtime.NamespaceMode_NODE, Pid: runtime.NamespaceMode_CONTAINER,
			}},
		},
	}
	pod, err := client.RunPodSandbox(ctx, &runtime.RunPodSandboxRequest{Config: config, RuntimeHandler: p.name})
	if err != nil {
		return err
	}
	made, err := client.CreateContainer(ctx, &runtime.CreateContainerRequest{
		PodSandboxId: pod.PodSandboxId, SandboxConfig: config,
		Config: &runtime.ContainerConfig{
			Metadata: &runtime.ContainerMetadata{Name: "probed"}, Image: &runtime.ImageSpec{Image: imageName},
			Linux: &runtime.LinuxContainerConfig{},
		},
	})
	if err != nil {
		return err
	}
	containers[p.name] = made.ContainerId
	_, err = client.StartContainer(ctx, &runtime.StartContainerRequest{ContainerId: made.ContainerId})
	return err
}

// probe executes a command in the runtime's container, as kubelet does to see whether it is alive.
func probe(p program) error {
	r, err := client.ExecSync(context.Background(), &runtime.ExecSyncRequest{ContainerId: containers[p.name], Cmd: []string{"true"}, Timeout: 30})
	if err == nil && r.ExitCode != 0 {
		err = fmt.Errorf("exit status %d: %s", r.ExitCode, r.Stderr)
	}
	return err
}
