// Package containerd tests containerd with the runtime under test: by ctr, and what ctr has no word for by containerd's
// own interface.
package containerd

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) {
	os.Exit(engines.Main(m, engines.World{
		Overlays: []string{"/usr/local/bin"},
		Needs:    engines.ContainerdNeeds,
		Prepare:  prepare,
	}))
}

// image is busybox, in a namespace that is the tests' own and names their cgroups.
const image = "docker.io/library/busybox:latest"

// daemon is the containerd of all tests.
var daemon *engines.Containerd

func prepare() (err error) {
	if _, err = engines.MakeCgroups(); err != nil {
		return err
	}
	if err = os.Symlink(engines.Runtime(), installed); err != nil {
		return err
	}
	if daemon, err = engines.StartContainerd([]string{"grpc.v1.cri", "cri.v1.runtime", "cri.v1.images"}, ""); err != nil {
		return err
	}
	return engines.ImportImage(harness.Prefix(), engines.Image{Name: image, Cmd: []string{"sh"}})
}

// installed is where the documentation has creel.
const installed = "/usr/local/bin/creel"
