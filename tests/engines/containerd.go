package engines

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

// ContainerdSocket is where containerd listens. It is the usual place, in the tests' own /run.
const ContainerdSocket = "/run/containerd/containerd.sock"

// ContainerdNeeds are the programs of containerd, and their package.
var ContainerdNeeds = map[string]string{"containerd": "containerd", "ctr": "containerd"}

// containerdConfig is what tests set of containerd's configuration: what is not in /run is in their own directory, no
// score of the OOM killer is lowered, and nothing is made in /opt.
const containerdConfig = `version = %d
root = %q
state = "/run/containerd"
oom_score = 0
disabled_plugins = [%s]

[grpc]
address = %q
`

// A Containerd is containerd with its configuration, which can be started again.
type Containerd struct {
	*Daemon
	config string
}

// ContainerdConfig is the version of the configuration that containerd reads.
func ContainerdConfig() int {
	if Has("containerd", "2.0") {
		return 3
	}
	return 2
}

// StartContainerd starts containerd without these plugins, with more configuration (TOML) after its own.
func StartContainerd(without []string, more string) (*Containerd, error) {
	var disabled []string
	for _, name := range append([]string{"snapshotter.v1.aufs", "snapshotter.v1.btrfs", "snapshotter.v1.devmapper", "snapshotter.v1.zfs", "internal.v1.opt"}, without...) {
		disabled = append(disabled, fmt.Sprintf("%q", "io.containerd."+name))
	}
	c := &Containerd{config: Path("containerd.toml")}
	text := fmt.Sprintf(containerdConfig, ContainerdConfig(), Path("containerd"), strings.Join(disabled, ", "), ContainerdSocket) + more
	if err := os.WriteFile(c.config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return c, c.Start()
}

// Start starts containerd, again if it ended.
func (c *Containerd) Start() (err error) {
	c.Daemon, err = StartDaemon("containerd", func() error {
		out, err := exec.Command("ctr", "--connect-timeout", "1s", "version").CombinedOutput()
		if err != nil {
			return fmt.Errorf("ctr version: %w: %s", err, out)
		}
		return nil
	}, nil, "containerd", "--config", c.config)
	if err == nil {
		c.More = []string{"/run/containerd/io.containerd.runtime.v2.task/*/*/log.json"}
	}
	return err
}

// ImportImage gives containerd an image for a namespace of its own.
func ImportImage(namespace string, image Image) error {
	path := Path("image.tar")
	defer os.Remove(path)
	if err := image.Archive(path); err != nil {
		return err
	}
	out, err := exec.Command("ctr", "--namespace", namespace, "images", "import", path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr images import: %w: %s", err, out)
	}
	return nil
}

// MakeCgroups makes a cgroup in every tree, for the containers of all tests: runtimes leave the parents of those that
// they make. It goes away with the tests' world, and returns its path in the trees.
func MakeCgroups() (string, error) {
	path := "/" + harness.Prefix()
	trees := []string{"/sys/fs/cgroup"}
	if !harness.V2() {
		trees, _ = filepath.Glob("/sys/fs/cgroup/*")
	}
	for _, tree := range trees {
		if _, err := os.Stat(filepath.Join(tree, "cgroup.procs")); err != nil {
			continue // beside the trees are links to them
		}
		if err := os.Mkdir(filepath.Join(tree, path), 0o755); err != nil && !os.IsExist(err) {
			return "", err
		}
	}
	return path, nil
}
