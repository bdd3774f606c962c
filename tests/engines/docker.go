package engines

import (
	"fmt"
	"os"
	"os/exec"
)

// A Dockerd is Docker's daemon with directories of its own, which can be started again.
type Dockerd struct {
	*Daemon
	Name string
	// Cgroup is the parent of all containers' cgroups.
	Cgroup string
	// Args are further arguments of dockerd, and Wrap is what starts it.
	Args, Wrap []string
}

// DockerNeeds are the programs of Docker, and their packages.
var DockerNeeds = map[string]string{"dockerd": "docker.io", "iptables": "iptables", "tini-static": "tini"}

// Start starts the daemon and waits until it answers.
func (d *Dockerd) Start() (err error) {
	if err := os.MkdirAll(d.Path(), 0o755); err != nil {
		return err
	}
	args := append(append([]string{}, d.Wrap...), "dockerd", "--host", d.Host(),
		"--data-root", d.Path("data"), "--exec-root", d.Path("exec"), "--pidfile", d.Path("pid"),
		"--cgroup-parent", d.Cgroup, "--exec-opt", "native.cgroupdriver=cgroupfs", "--storage-driver", "overlay2",
		"--init-path", "/usr/bin/tini-static")
	if !Has("dockerd", "25.0") { // which lower the score no more
		args = append(args, "--oom-score-adjust", "0")
	}
	args = append(args, d.Args...)
	d.Daemon, err = StartDaemon(d.Name, d.answers, nil, args[0], args[1:]...)
	if err == nil {
		d.More = []string{d.Path("exec/containerd/daemon/io.containerd.runtime.v2.task/moby/*/log.json")}
	}
	return err
}

// Path returns the path of a file of the daemon's own.
func (d *Dockerd) Path(elem ...string) string { return Path(append([]string{d.Name}, elem...)...) }

// Host is what clients are told of the daemon's socket.
func (d *Dockerd) Host() string { return "unix://" + d.Path("socket") }

func (d *Dockerd) answers() error {
	if _, err := os.Stat(d.Path("socket")); err != nil {
		return err
	}
	out, err := d.Command("version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("docker version: %w: %s", err, out)
	}
	return nil
}

// Command is one of the client, which keeps its files beside the daemon's.
func (d *Dockerd) Command(args ...string) *exec.Cmd {
	cmd := exec.Command("docker", append([]string{"--host", d.Host()}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+d.Path())
	return cmd
}

// Do runs a command of the client that prints nothing of interest.
func (d *Dockerd) Do(args ...string) error {
	if out, err := d.Command(args...).CombinedOutput(); err != nil {
		return fmt.Errorf("docker %q: %w: %s", args, err, out)
	}
	return nil
}
