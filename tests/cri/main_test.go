// Package cri tests the runtime under test as Kubernetes uses it: a small client in kubelet's place asks containerd's CRI
// plugin for pods and containers.
package cri

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestMain(m *testing.M) {
	needs := maps.Clone(engines.ContainerdNeeds)
	needs[plugins+"/bridge"], needs["iptables"] = "containernetworking-plugins", "iptables"
	os.Exit(engines.Main(m, engines.World{
		Overlays: []string{"/usr/local/bin", "/var/lib"},
		Needs:    needs,
		Prepare:  prepare,
	}))
}

const (
	image   = "docker.io/library/busybox:latest"
	sandbox = "docker.io/library/pause:latest" // what holds a pod's namespaces
	plugins = "/usr/lib/cni"
)

// services are containerd's, to which each test connects; cgroups is the parent of all pods' cgroups.
var (
	services runtime.RuntimeServiceClient
	cgroups  string
)

// daemon is the containerd of all tests.
var daemon *engines.Containerd

// settings are those of the CRI plugin that a cluster need not have, by the version of containerd's configuration.
var settings = map[int]string{
	2: `
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = %q
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = %q
conf_dir = %q

`,
	3: `
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = %q

[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = [%q]
conf_dir = %q

`}

// documented are the files that docs/engines.md shows.
var documented = map[int]string{2: "creel.toml", 3: "creel-3.toml"}

// network is a bridge of the tests' own.
const network = `{"cniVersion": "0.4.0", "name": "tests", "plugins": [
	{"type": "bridge", "bridge": "cni0", "isGateway": true, "ipam": {"type": "host-local", "dataDir": %q, "ranges": [[{"subnet": "10.88.0.0/16"}]]}}
]}`

func prepare() (err error) {
	if cgroups, err = engines.MakeCgroups(); err != nil {
		return err
	}
	// the documentation's configuration is the one that is tested
	if err := os.Symlink(engines.Runtime(), "/usr/local/bin/creel"); err != nil {
		return err
	}
	version := engines.ContainerdConfig()
	documented, err := os.ReadFile("../../contrib/containerd/" + documented[version])
	if err != nil {
		return err
	}
	if err := os.Mkdir(engines.Path("cni"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(engines.Path("cni/tests.conflist"), fmt.Appendf(nil, network, engines.Path("addresses")), 0o644); err != nil {
		return err
	}
	own := strings.TrimPrefix(string(documented), fmt.Sprintf("version = %d\n", version))
	config := fmt.Sprintf(settings[version], sandbox, plugins, engines.Path("cni")) + own
	if daemon, err = engines.StartContainerd(nil, config); err != nil {
		return err
	}
	for _, i := range []engines.Image{{Name: image, Cmd: []string{"sh"}}, {Name: sandbox, Cmd: []string{"sleep", "1000000"}}} {
		if err := engines.ImportImage("k8s.io", i); err != nil {
			return err
		}
	}
	return engines.AwaitImages(image, sandbox)
}
