// Package docker tests the runtime under Docker's engine, by its own client.
package docker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// image is the image of busybox that the tests run.
const image = "busybox"

// shared is the daemon that most tests use.
var shared *engine

func TestMain(m *testing.M) {
	os.Exit(engines.Main(m, engines.World{
		Overlays: []string{"/usr/local/bin", "/etc"},
		Needs:    map[string]string{"dockerd": "docker.io", "tini-static": "tini", "iptables": "iptables", "ip": "iproute2"},
		Prepare:  prepare,
	}))
}

// snippet is the file that docs/engines.md tells people to install.
const snippet = "../../contrib/docker/daemon.json"

// prepare starts the daemon that most tests use.
func prepare() error {
	// what lies first in PATH may be another version's client
	err := errors.Join(os.Setenv("PATH", engines.Path("bin")+":/usr/sbin:/usr/bin:/sbin:/bin"),
		installCreel(), os.MkdirAll("/etc/docker", 0o755),
		os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644),
		makeImage())
	if err != nil {
		return err
	}
	config, err := os.ReadFile(snippet)
	if err == nil {
		err = os.WriteFile("/etc/docker/daemon.json", config, 0o644)
	}
	if err == nil {
		shared = newEngine("docker", nil, nil)
		err = shared.start()
	}
	if err != nil {
		return err
	}
	// no test is to blame for what stays: of `ip netns` a mount, of dockerd one of the host's network namespace, of runc the
	// parent of cgroups
	if out, err := exec.Command("sh", "-c", "ip netns add first && ip netns del first").CombinedOutput(); err != nil {
		return fmt.Errorf("named network namespaces: %w: %s", err, out)
	}
	return shared.Do("run", "--rm", "--network", "host", image, "true")
}

// installCreel puts the runtime under test where daemon.json says that it is.
func installCreel() error {
	program, err := os.ReadFile(engines.Runtime())
	if err != nil {
		return err
	}
	return os.WriteFile("/usr/local/bin/creel", program, 0o755)
}

// readLimit is a script of the image: it prints the first file of the cgroup that is there, of version 2's by its path, of
// version 1's each.
const readLimit = `#!/bin/sh
cd /sys/fs/cgroup
[ -e cgroup.controllers ] && exec cat $1
shift
exec cat "$@"
`

// makeImage writes the image's root filesystem as a tar archive.
func makeImage() error {
	return engines.Image{Change: func(root string) error {
		return errors.Join(
			os.WriteFile(filepath.Join(root, "bin/cg"), []byte(readLimit), 0o755),
			os.WriteFile(filepath.Join(root, "etc/group"), []byte("root:x:0:\nuser:x:1000:\nmore:x:2000:user\n"), 0o644),
			os.Mkdir(filepath.Join(root, "mnt"), 0o755),
		)
	}}.Rootfs(engines.Path("image.tar"))
}

// An engine is a dockerd that has the image, and a parent of its own for the containers' cgroups.
type engine struct{ *engines.Dockerd }

func newEngine(name string, args, wrap []string) *engine {
	return &engine{&engines.Dockerd{Name: name, Cgroup: "/" + harness.Prefix() + "-" + name, Args: args, Wrap: wrap}}
}

// start starts the daemon and gives it the image.
func (e *engine) start() error {
	if err := e.Start(); err != nil {
		return err
	}
	if e.Command("image", "inspect", image).Run() == nil {
		return nil // it was started before
	}
	return e.Do("import", engines.Path("image.tar"), image)
}

// left takes away, and prints what stays of, what a daemon that ended leaves: mounts of its directories, and cgroups, for a while with processes.
const left = `d=$1 parent=$2
awk -v d=$d/ 'index($2, d) == 1 {print $2}' /proc/self/mounts | tac | xargs -r umount -l
rm -rf $d
find /sys/fs/cgroup -depth -type d -path "*$parent*" -exec rmdir {} + 2>/dev/null
find /sys/fs/cgroup -type d -path "*$parent*" 2>/dev/null
ls -d $d 2>/dev/null || true
`

// remove takes away what the daemon, which ended, kept.
func (d *client) remove() {
	d.Helper()
	var rest string
	d.Eventually("nothing is left of "+d.on.Name, func() bool {
		rest = d.Ok(d.Program("sh", "-c", left, "sh", d.on.Path(), d.on.Cgroup)).Stdout
		return rest == ""
	})
}

// removeParent takes away a parent of cgroups when the test ends. creel has done so by then, runc leaves it.
func (d *client) removeParent(name string) {
	d.Cleanup(func() {
		d.Host("find /sys/fs/cgroup -depth -type d -path '*" + d.on.Cgroup + name + "' -exec rmdir {} + 2>/dev/null || true")
	})
}

// blockDevice finds a block device whose traffic can be limited.
func blockDevice(t testing.TB) string {
	t.Helper()
	names, _ := filepath.Glob("/sys/block/*")
	for _, name := range names {
		dev := "/dev/" + filepath.Base(name)
		if _, err := os.Stat(dev); err == nil && !strings.HasPrefix(dev, "/dev/zram") {
			return dev
		}
	}
	t.Skip("the machine has no block device")
	return ""
}

func TestTheDocumentationShowsTheFileThatIsTested(t *testing.T) {
	config, err := os.ReadFile(snippet)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/engines.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```json\n"+string(config)+"```\n") {
		t.Errorf("docs/engines.md does not show\n%s", config)
	}
}
