// Package podman tests Podman with the runtime under test, the way people have it: with its own commands, and the file of
// docs/engines.md.
package podman

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "notify" { // as a program in a container
		os.Exit(notify())
	}
	os.Exit(engines.Main(tests{m}, engines.World{
		Overlays: []string{"/etc", "/usr/local/bin"},
		Needs: map[string]string{
			"podman": "podman", "conmon": "conmon", "/usr/lib/podman/netavark": "netavark", "/usr/lib/podman/aardvark-dns": "aardvark-dns",
			"slirp4netns": "slirp4netns", "newuidmap": "uidmap", "catatonit": "catatonit", "iptables": "iptables",
		},
		Prepare: prepare,
	}))
}

// tests end with the cgroup of all that Podman makes gone, as when a machine is shut down.
type tests struct{ *testing.M }

func (m tests) Run() int {
	status := m.M.Run()
	if err := removeParent(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// image is what all containers are made of.
const image = "localhost/busybox:test"

// snippet is the file that docs/engines.md tells people to install.
const snippet = "../../contrib/podman/creel.conf"

// machine is what a machine needs that has no systemd, no journal and no syslog. What conmon waits for before it says
// that a process of the API's has ended is the time in which one can ask for its exit status.
const machine = `[containers]
%slog_driver = "k8s-file"
[network]
network_backend = "netavark"
%s[engine]
cgroup_manager = "cgroupfs"
exit_command_delay = 2
events_logger = "file"
`

// storage is in the tests' directory, without the private mount on itself that Podman makes and takes away at its leisure:
// prepare makes one that stays.
const storage = `[storage]
driver = "overlay"
graphroot = %q
runroot = "/run/containers/storage"
[storage.options.overlay]
skip_mount_home = "true"
`

// prepare installs the runtime and Podman's files as an administrator does, and makes what Podman keeps when its last
// container is gone: a mount for network namespaces, and cgroups for its conmons.
func prepare() error {
	snippet, err := os.ReadFile(snippet)
	if err == nil {
		err = leaveRoot()
	}
	if err != nil {
		return err
	}
	limit, network := "", ""
	if !harness.Controller("pids") {
		limit = "pids_limit = 0\n" // else each container has one
	}
	if engines.Has("podman", "5.0") {
		network = "default_rootless_network_cmd = \"slirp4netns\"\n" // pasta wants a route to the outside
	}
	storage := fmt.Sprintf(storage, engines.Path("storage"))
	runtime, err := os.ReadFile(engines.Runtime())
	if err != nil {
		return err
	}
	for path, content := range map[string]string{
		"/etc/containers/containers.conf":              fmt.Sprintf(machine, limit, network),
		"/etc/containers/containers.conf.d/creel.conf": string(snippet),
		"/etc/containers/storage.conf":                 storage,
		"/etc/containers/policy.json":                  `{"default": [{"type": "insecureAcceptAnything"}]}`,
		"/usr/local/bin/creel":                         string(runtime),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			return err
		}
	}
	// Podman 5 says with each command that cgroup v1 is old
	if err := errors.Join(os.Setenv("PODMAN_IGNORE_CGROUPSV1_WARNING", "1"), users()); err != nil {
		return err
	}
	graph := engines.Path("storage")
	err = errors.Join(os.Mkdir(graph, 0o755), syscall.Mount(graph, graph, "", syscall.MS_BIND, ""), syscall.Mount("", graph, "", syscall.MS_PRIVATE, ""))
	if err != nil {
		return err
	}
	archive := engines.Path("image.tar")
	err = engines.Image{Name: image, Cmd: []string{"sh"}, Change: openTmp}.Archive(archive)
	for _, args := range [][]string{{"load", "--quiet", "--input", archive}, {"run", "--rm", image, "true"},
		{"run", "--rm", "--network=none", "--cgroup-parent=" + mine, image, "true"}} {
		if err == nil {
			err = command(args...)
		}
	}
	return err
}

// leaveRoot leaves the root of cgroup v2. Podman's service would: it makes cgroups there, for all trees that it sees in
// /proc, which then stay.
func leaveRoot() error {
	if !harness.V2() {
		return nil
	}
	dir := harness.CgroupDir("", harness.Prefix())
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte("0"), 0o644)
}

// openTmp lets everybody use /tmp.
func openTmp(root string) error { return os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky) }

func command(args ...string) error {
	if out, err := exec.Command("podman", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("podman %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// parent is the cgroup of all that Podman makes.
const parent = "libpod_parent"

// mine is a cgroup that a test puts a container into.
const mine = "/" + parent + "/mine"

func removeParent() error {
	var found []string
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path+"/", "/"+parent+"/") {
			found = append(found, path)
		}
		return nil // a cgroup that went away while we looked
	})
	var errs []error
	for _, path := range slices.Backward(found) {
		err := os.Remove(path)
		for range 100 { // the last conmon may need a moment
			if !errors.Is(err, syscall.EBUSY) {
				break
			}
			time.Sleep(20 * time.Millisecond)
			err = os.Remove(path)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// podman runs a command that must succeed, and returns its output without the last newline.
func podman(h *harness.H, args ...string) string {
	h.Helper()
	return strings.TrimRight(h.Ok(h.Program("podman", args...)).Stdout, "\r\n")
}

// background starts a container that is removed when the test ends.
func background(h *harness.H, name string, args ...string) {
	h.Helper()
	h.Cleanup(func() { h.Program("podman", "rm", "--force", "--time=0", "--ignore", name) })
	podman(h, append([]string{"run", "--detach", "--name=" + name}, offline(args)...)...)
}

// offline adds the flag for no network, unless there is one for another.
func offline(args []string) []string {
	if slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--network=") }) {
		return args
	}
	return append([]string{"--network=none"}, args...)
}

// inspect returns what Podman knows about a container.
func inspect(h *harness.H, name, format string) string {
	h.Helper()
	return podman(h, "inspect", "--format", format, name)
}

func expect(h *harness.H, got, want string) {
	h.Helper()
	if got != want {
		h.Errorf("got  %q\nwant %q", got, want)
	}
}

// matches says whether each line of a text matches a pattern of path.Match, in which / is like any other character.
func matches(got, want string) bool {
	lines, patterns := strings.Split(got, "\n"), strings.Split(want, "\n")
	ok := len(lines) == len(patterns)
	for i := 0; ok && i < len(lines); i++ {
		ok, _ = filepath.Match(strings.ReplaceAll(patterns[i], "/", "|"), strings.ReplaceAll(lines[i], "/", "|"))
	}
	return ok
}

func expectMatch(h *harness.H, got, want string) {
	h.Helper()
	if !matches(got, want) {
		h.Errorf("got  %q\nwant %q", got, want)
	}
}
