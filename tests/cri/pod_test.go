package cri

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestContainerdIsReadyForPods(t *testing.T) {
	k := begin(t)
	r, err := services.Status(k.ctx, &runtime.StatusRequest{})
	k.Must(err)
	for _, c := range r.Status.Conditions {
		if !c.Status {
			t.Errorf("%s: %s %s", c.Type, c.Reason, c.Message)
		}
	}
}

// field is the value of a key in one of the documentation's Kubernetes files.
func (k *K) field(file, key string) string {
	k.Helper()
	text, err := os.ReadFile("../../contrib/kubernetes/" + file)
	k.Must(err)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key+": "); ok {
			return value
		}
	}
	k.Fatalf("no %s in %s", key, file)
	return ""
}

func TestTheDocumentedRuntimeClassRunsPodsWithTheRuntime(t *testing.T) {
	k := begin(t)
	if class, pods := k.field("runtimeclass.yaml", "name"), k.field("pod.yaml", "runtimeClassName"); class != pods {
		t.Errorf("the class is %s, and the pod's %s", class, pods)
	}
	c := k.podConfig()
	r, err := services.RunPodSandbox(k.ctx, &runtime.RunPodSandboxRequest{Config: c, RuntimeHandler: k.field("runtimeclass.yaml", "handler")})
	k.Must(err)
	if s := k.known(r.PodSandboxId); s.Status != "running" {
		t.Errorf("%+v", s)
	}
}

func TestARuntimeClassThatIsNotConfiguredIsRefused(t *testing.T) {
	k := begin(t)
	_, err := services.RunPodSandbox(k.ctx, &runtime.RunPodSandboxRequest{Config: k.podConfig(), RuntimeHandler: "other"})
	if err == nil || !strings.Contains(err.Error(), "other") {
		t.Error(err)
	}
}

func (p *Pod) status() *runtime.PodSandboxStatus {
	p.Helper()
	r, err := services.PodSandboxStatus(p.ctx, &runtime.PodSandboxStatusRequest{PodSandboxId: p.ID})
	p.Must(err)
	return r.Status
}

func TestAPodIsReadyUntilItIsStopped(t *testing.T) {
	k := begin(t)
	p := k.pod()
	s := p.status()
	if s.State != runtime.PodSandboxState_SANDBOX_READY || !strings.HasPrefix(s.Network.Ip, "10.88.") {
		t.Error(s)
	}
	k.stopPod(p.ID)
	if s := p.status(); s.State != runtime.PodSandboxState_SANDBOX_NOTREADY {
		t.Error(s)
	}
}

func TestAPodWhoseSandboxDiesIsNotReady(t *testing.T) {
	k := begin(t)
	p := k.pod()
	k.Must(syscall.Kill(k.known(p.ID).Pid, syscall.SIGKILL))
	k.Eventually("the pod is not ready", func() bool { return p.status().State == runtime.PodSandboxState_SANDBOX_NOTREADY })
}

func TestContainersOfAPodShareItsNamespaces(t *testing.T) {
	k := begin(t)
	p := k.pod()
	a, b := p.container(sleep), p.container(sleep)
	for _, ns := range []string{"net", "ipc", "uts"} {
		if x, y := k.ProcLink(k.known(a.ID).Pid, "ns/"+ns), k.ProcLink(k.known(b.ID).Pid, "ns/"+ns); x != y {
			t.Errorf("%s: %s and %s", ns, x, y)
		}
	}
	if x, y := k.ProcLink(k.known(a.ID).Pid, "ns/pid"), k.ProcLink(k.known(b.ID).Pid, "ns/pid"); x == y {
		t.Errorf("pid: %s", x)
	}
	a.says("pod", "hostname")
	a.says("pod", "cat /etc/hostname")
	a.says(p.status().Network.Ip, "ip -4 -o addr show eth0 | awk '{ split($4, a, \"/\"); print a[1] }'")
}

func TestContainersShareAPidNamespaceWhenAsked(t *testing.T) {
	k := begin(t)
	p := k.pod(func(c *runtime.PodSandboxConfig) {
		c.Linux.SecurityContext.NamespaceOptions.Pid = runtime.NamespaceMode_POD
	})
	p.container("exec sleep 4325")
	other := p.container(sleep)
	k.Eventually("one sees the other's processes", func() bool {
		return strings.Contains(string(other.exec("ps").Stdout), "sleep 4325")
	})
}

func TestOneContainerServesAnotherOverLoopbackAndAnotherPodOverTheNetwork(t *testing.T) {
	k := begin(t)
	p := k.pod()
	p.container("while :; do echo served | nc -l -p 8080; done")
	local, other := p.container(sleep), k.pod().container(sleep)
	for client, host := range map[*Container]string{local: "127.0.0.1", other: p.status().Network.Ip} {
		k.Eventually(host+" answers", func() bool { return string(client.exec("nc -w 1 "+host+" 8080 </dev/null").Stdout) == "served\n" })
	}
}

func TestAPodInTheHostsNamespacesIsThere(t *testing.T) {
	k := begin(t)
	p := k.pod(func(c *runtime.PodSandboxConfig) {
		c.Hostname = ""
		*c.Linux.SecurityContext.NamespaceOptions = runtime.NamespaceOption{Network: runtime.NamespaceMode_NODE, Pid: runtime.NamespaceMode_NODE, Ipc: runtime.NamespaceMode_NODE}
	})
	c := p.container(sleep)
	for _, ns := range []string{"net", "pid", "ipc"} {
		host, err := os.Readlink("/proc/self/ns/" + ns)
		k.Must(err)
		c.says(host, "readlink /proc/self/ns/"+ns)
	}
}

func TestSysctlsOfAPodAreSetInItsNamespaces(t *testing.T) {
	k := begin(t)
	p := k.pod(func(c *runtime.PodSandboxConfig) {
		c.Linux.Sysctls = map[string]string{"net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1"}
	})
	p.container(sleep).says("80 1", "echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced)")
}

func TestRemovingAPodEndsItsContainers(t *testing.T) {
	k := begin(t)
	p := k.pod()
	c := p.container("trap '' TERM; while :; do sleep 1000 & wait; done")
	pid := k.known(c.ID).Pid
	k.removePod(p.ID)
	k.Eventually("its process is gone", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	if left, err := services.ListContainers(k.ctx, &runtime.ListContainersRequest{}); err != nil || len(left.Containers) > 0 {
		t.Error(left, err)
	}
}

func TestTwentyPodsStartAndEndInParallel(t *testing.T) {
	k := begin(t)
	errs := make(chan error, 20)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { errs <- k.life(i) })
	}
	wg.Wait()
	for range 20 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	left := engines.Lines(k.Ok(k.Program("ctr", "--namespace", "k8s.io", "containers", "ls", "--quiet")).Stdout)
	if len(left) > 0 {
		t.Error(left)
	}
}

// life is that of a pod with one container.
func (k *K) life(i int) error {
	config := k.podConfig()
	pod, err := services.RunPodSandbox(k.ctx, &runtime.RunPodSandboxRequest{Config: config})
	if err != nil {
		return err
	}
	container, err := services.CreateContainer(k.ctx, &runtime.CreateContainerRequest{PodSandboxId: pod.PodSandboxId, SandboxConfig: config, Config: &runtime.ContainerConfig{
		Metadata: &runtime.ContainerMetadata{Name: "main"}, Image: &runtime.ImageSpec{Image: image}, Command: []string{"sleep", "1000"},
	}})
	if err != nil {
		return err
	}
	if _, err := services.StartContainer(k.ctx, &runtime.StartContainerRequest{ContainerId: container.ContainerId}); err != nil {
		return err
	}
	r, err := services.ExecSync(k.ctx, &runtime.ExecSyncRequest{ContainerId: container.ContainerId, Cmd: []string{"echo", fmt.Sprint(i)}})
	if err != nil || string(r.Stdout) != fmt.Sprintln(i) {
		return fmt.Errorf("exec %d: %v, %w", i, r, err)
	}
	if _, err := services.StopPodSandbox(k.ctx, &runtime.StopPodSandboxRequest{PodSandboxId: pod.PodSandboxId}); err != nil {
		return err
	}
	_, err = services.RemovePodSandbox(k.ctx, &runtime.RemovePodSandboxRequest{PodSandboxId: pod.PodSandboxId})
	return err
}
