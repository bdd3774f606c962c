// Package cri tests pods as Kubernetes runs them where systemd manages the cgroups: containerd's CRI plugin with creel and
// SystemdCgroup. It runs in the VM; what needs no systemd is in tests/cri.
package cri

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestMain(m *testing.M) { os.Exit(engines.MainInVM(m, prepare)) }

const (
	image   = "docker.io/library/busybox:latest"
	sandbox = "docker.io/library/pause:latest" // what holds a pod's namespaces
)

var services runtime.RuntimeServiceClient

// prepare installs creel, and the documentation's configuration with the line that it says is for systemd.
func prepare() error {
	documented, err := os.ReadFile("../../../contrib/containerd/creel.toml")
	if err != nil {
		return err
	}
	config := string(documented) + "SystemdCgroup = true\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = \"" + sandbox + "\"\n"
	if err := engines.Install(nil); err != nil {
		return err
	}
	if err := os.WriteFile("/etc/containerd/config.toml", []byte(config), 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("systemctl", "restart", "containerd.service").CombinedOutput(); err != nil {
		return fmt.Errorf("systemctl: %w: %s", err, out)
	}
	for _, i := range []engines.Image{{Name: image, Cmd: []string{"sh"}}, {Name: sandbox, Cmd: []string{"sleep", "1000000"}}} {
		if err := engines.ImportImage("k8s.io", i); err != nil {
			return err
		}
	}
	return connect()
}

// connect waits until the plugin knows the images.
func connect() error {
	conn, err := engines.DialCRI()
	if err != nil {
		return err
	}
	services = runtime.NewRuntimeServiceClient(conn)
	return engines.AwaitImages(image, sandbox)
}

// journal is the end of what containerd said.
func journal() string {
	out, _ := exec.Command("journalctl", "--no-pager", "--lines=40", "--unit=containerd.service").CombinedOutput()
	return strings.TrimSpace(string(out))
}
