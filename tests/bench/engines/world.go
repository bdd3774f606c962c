package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/tests/engines"
)

const imageName = "docker.io/library/busybox:latest"

var docker = &engines.Dockerd{Name: "docker"}

// cgroups is the parent of all containers' cgroups.
var cgroups string

// prepare starts the engines, each of which knows all runtimes.
func prepare(o *options) (err error) {
	if cgroups, err = engines.MakeCgroups(); err != nil {
		return err
	}
	if err := startContainerd(o); err != nil {
		return err
	}
	if err := startPods(o); err != nil {
		return err
	}
	return startDocker(o)
}

// startContainerd starts the one that ctr and the CRI client use, with a handler for each runtime.
func startContainerd(o *options) error {
	var config strings.Builder
	fmt.Fprintf(&config, "[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = %q\nrestrict_oom_score_adj = true\n"+
		"[plugins.\"io.containerd.grpc.v1.cri\".containerd]\ndefault_runtime_name = \"creel\"\n", imageName)
	for _, p := range o.runtimes {
		const runtimes = `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%q%s]` + "\n%s = %q\n"
		fmt.Fprintf(&config, runtimes, p.name, "", "runtime_type", "io.containerd.runc.v2")
		fmt.Fprintf(&config, runtimes, p.name, ".options", "BinaryName", p.path)
	}
	if _, err := engines.StartContainerd(nil, config.String()); err != nil {
		return err
	}
	image := engines.Image{Name: imageName, Cmd: []string{"sleep", "1000000"}}
	for _, namespace := range []string{"default", "k8s.io"} {
		if err := engines.ImportImage(namespace, image); err != nil {
			return err
		}
	}
	return nil
}

// startDocker starts dockerd with a containerd of its own.
func startDocker(o *options) error {
	if err := os.MkdirAll("/etc/docker", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return err
	}
	docker.Cgroup = cgroups
	for _, p := range o.runtimes {
		docker.Args = append(docker.Args, "--add-runtime", p.name+"="+p.path)
	}
	archive := engines.Path("image.tar")
	err := (engines.Image{Name: imageName}).Archive(archive)
	if err == nil {
		err = docker.Start()
	}
	if err == nil {
		err = docker.Do("load", "--input", archive)
	}
	return err
}
