package podman

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// hasPods skips a test with a runtime that has no containers in pods here, or leaves something of them.
func hasPods(t *testing.T) {
	t.Helper()
	if !harness.V2() {
		engines.Differs(t, "runc", "it leaves a pod's cgroup in the trees that Podman does not know")
	} else if !engines.Has("podman", "5.0") {
		engines.Differs(t, "crun", "it mounts no node where Podman 4's filter of the pod lets it make none")
	}
}

func TestContainersOfAPodShareNamespaces(t *testing.T) {
	hasPods(t)
	h := engines.New(t)
	defer podman(h, "pod", "rm", "--force", "--time=0", "--ignore", "pod")
	podman(h, "pod", "create", "--name=pod", "--share=net,ipc,uts,pid", "--hostname=together", "--publish=8099:80")
	podman(h, "run", "--detach", "--pod=pod", "--name=web", image, "httpd", "-f", "-p", "80", "-h", "/etc")
	shared := "for n in net ipc uts pid; do readlink /proc/self/ns/$n; done; hostname"
	expect(h, podman(h, "run", "--rm", "--pod=pod", image, "sh", "-c", shared), podman(h, "exec", "web", "sh", "-c", shared))
	expect(h, podman(h, "run", "--rm", "--pod=pod", image, "sh", "-c", "hostname; cat /proc/1/comm; pidof httpd | wc -w"), "together\ncatatonit\n1")
	expect(h, podman(h, "run", "--rm", "--pod=pod", image, "wget", "-qO-", "http://127.0.0.1/hostname"), "together")
	h.Eventually("the published port answers", func() bool {
		r, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://127.0.0.1:8099/hostname")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		return err == nil && strings.TrimSpace(string(text)) == "together"
	})
	expect(h, podman(h, "pod", "ps", "--format={{.Name}} {{.Status}} {{.NumberOfContainers}}"), "pod Running 2")
	if top := podman(h, "pod", "top", "pod", "args"); !strings.Contains(top, "httpd -f") || !strings.Contains(top, "catatonit") {
		t.Error(top)
	}
	podman(h, "pod", "pause", "pod")
	expect(h, inspect(h, "web", "{{.State.Status}}"), "paused")
	podman(h, "pod", "unpause", "pod")
	podman(h, "pod", "restart", "pod")
	podman(h, "pod", "stop", "--time=0", "pod")
	expect(h, podman(h, "pod", "ps", "--format={{.Status}}"), "Exited")
	podman(h, "pod", "rm", "pod")
	expect(h, podman(h, "ps", "--all", "--quiet"), "")
}

func TestAPodHasLimitsOfItsOwn(t *testing.T) {
	hasPods(t)
	harness.Needs(t, "memory")
	h := engines.New(t)
	defer podman(h, "pod", "rm", "--force", "--time=0", "--ignore", "pod")
	podman(h, "pod", "create", "--name=pod", "--memory=64m", "--cpus=1")
	podman(h, "run", "--detach", "--pod=pod", "--name=box", "--memory=32m", image, "sleep", "1000")
	path := "/" + strings.TrimPrefix(podman(h, "pod", "inspect", "--format={{.CgroupPath}}", "pod"), "/")
	expect(h, h.CgroupFile("memory", path, either("memory.limit_in_bytes", "memory.max")), "67108864")
	expect(h, podman(h, "exec", "box", "sh", "-c", cgroupFile("memory", "memory.limit_in_bytes", "memory.max")), "33554432")
}

func TestAKubernetesPodIsPlayed(t *testing.T) {
	hasPods(t)
	harness.Needs(t, "cpu")
	h := engines.New(t)
	text, err := os.ReadFile("testdata/pod.yaml")
	h.Must(err)
	h.WriteFile(h.Path("pod.yaml"), strings.ReplaceAll(string(text), "HOSTPATH", volume(h)), 0o644)
	defer podman(h, "network", "rm", "--force", "podman-default-kube-network")
	defer podman(h, "volume", "prune", "--force")
	podman(h, "play", "kube", h.Path("pod.yaml"))
	defer podman(h, "play", "kube", "--down", h.Path("pod.yaml"))
	h.Eventually("the first container has written", func() bool {
		return podman(h, "logs", "kube-one") == "first\nfrom the map"
	})
	expect(h, podman(h, "exec", "kube-two", "sh", "-c", "hostname; cat /s/one; touch /x 2>&1; :"), "kubehost\nfrom one\ntouch: /x: Read-only file system")
	expect(h, podman(h, "exec", "kube-one", "sh", "-c", "id -u; grep -e CapBnd -e NoNewPrivs /proc/self/status; cat /h/file; touch /h/x 2>&1; :"),
		"1000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\ncontent\ntouch: /h/x: Read-only file system")
	expect(h, podman(h, "exec", "kube-one", "sh", "-c", cgroupFile("memory", "memory.limit_in_bytes", "memory.max")), "33554432")
	if out := podman(h, "generate", "kube", "kube"); !strings.Contains(out, "hostname: kubehost") {
		t.Error(out)
	}
}

func TestNetworksNameTheirContainers(t *testing.T) {
	h := engines.New(t)
	podman(h, "network", "create", "own")
	defer podman(h, "network", "rm", "--force", "--time=0", "own")
	background(h, "web", "--network=own", "--publish=8098:80", image, "httpd", "-f", "-p", "80", "-h", "/etc")
	expect(h, podman(h, "run", "--rm", "--network=own", image, "wget", "-qO-", "http://web.dns.podman/passwd"), podman(h, "exec", "web", "cat", "/etc/passwd"))
	podman(h, "network", "connect", "podman", "web")
	expect(h, podman(h, "exec", "web", "sh", "-c", "ip -4 -o addr | wc -l"), "3")
	podman(h, "network", "disconnect", "podman", "web")
	expect(h, podman(h, "exec", "web", "sh", "-c", "ip -4 -o addr | wc -l"), "2")
}
