package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A runtime is one contestant: an OCI runtime, or the floor.
type runtime struct {
	name string
	path string
	root string   // its state directory, for an OCI runtime
	opts []string // of the floor
	oci  bool
	next int // number of the next container

	// noDevices says that it cannot apply the default device rule on this machine
	// and is measured without: it has less to do, and no bar is judged by it if
	// there is another.
	noDevices bool
}

// bareFloor is the floor without the device filter.
const bareFloor = "floor-nodevices"

// contestants finds the runtimes that take part: creel, the peers on PATH, the
// peers named by -peer, and the floor.
func contestants(creel string, peers []string, dir string, floor string) ([]*runtime, error) {
	var found []*runtime
	add := func(name, path string) error {
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		if _, err := os.Stat(abs); err != nil {
			return err
		}
		found = append(found, &runtime{name: name, path: abs, root: filepath.Join(dir, "state", name), oci: true})
		return nil
	}
	if _, err := os.Stat(creel); err == nil {
		if err := add("creel", creel); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"crun", "runc"} {
		if path, err := exec.LookPath(name); err == nil {
			if err := add(name, path); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range peers {
		name, path, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("-peer %s: not NAME=PATH", p)
		}
		if err := add(name, path); err != nil {
			return nil, err
		}
	}
	found = append(found,
		&runtime{name: "floor", path: floor},
		&runtime{name: bareFloor, path: floor, opts: []string{"-n"}})
	return found, nil
}

// id makes the name of a new container. Leftovers are found by its prefix.
func (r *runtime) id() string {
	r.next++
	return fmt.Sprintf("%s%s-%d", prefix, r.name, r.next)
}

// command is an OCI command line.
func (r *runtime) command(command string, args ...string) []string {
	return append([]string{r.path, "--root", r.root, command}, args...)
}

// run is the command line that runs the process of a bundle to its end.
func (r *runtime) run(b bundle, id string) []string {
	if r.oci {
		return r.command("run", "--bundle", b.dir, id)
	}
	argv := append([]string{r.path}, r.opts...)
	if b.hostCgroup {
		argv = append(argv, "-c")
	}
	return append(argv, b.rootfs, "/sys/fs/cgroup/"+id)
}

// version is the first line of --version.
func (r *runtime) version() string {
	if !r.oci {
		return ""
	}
	out, _ := exec.Command(r.path, "--version").Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// dropCache removes what a runtime keeps between containers: compiled filters.
// A name that begins with a dot or an @ is never a container.
func (r *runtime) dropCache() error {
	hidden, err := filepath.Glob(filepath.Join(r.root, "[.@]*"))
	if err != nil {
		return err
	}
	for _, path := range hidden {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}
