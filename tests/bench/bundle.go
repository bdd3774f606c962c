package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// A bundle is one config over the shared root filesystem.
type bundle struct {
	dir, rootfs string
	hostCgroup  bool
}

// A variant says how a bundle's config differs from the default one.
type variant struct {
	name       string
	hostCgroup bool   // keep the host's cgroup namespace
	docker     bool   // with Docker's default seccomp profile
	command    string // /bin/true or /bin/pause
	memory     int64  // memory limit in bytes, 0 for none
	noDevices  bool   // without the device rule
}

// key names the variant's directory.
func (v variant) key() string {
	if v.noDevices {
		return v.name + "-nodevices"
	}
	return v.name
}

// write makes the bundle in a directory of its own below dir.
func (v variant) write(dir, rootfs string) (bundle, error) {
	b := bundle{dir: filepath.Join(dir, v.key()), rootfs: rootfs, hostCgroup: v.hostCgroup}
	spec := defaultSpec(rootfs)
	spec.Process.Args = []string{v.command}
	if v.hostCgroup {
		spec.Linux.Namespaces = spec.Linux.Namespaces[:len(spec.Linux.Namespaces)-1]
	}
	if v.noDevices {
		spec.Linux.Resources.Devices = nil
	}
	if v.memory > 0 {
		spec.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &v.memory}
	}
	if v.docker {
		profile, err := seccomp.GetDefaultProfile(spec)
		if err != nil {
			return b, err
		}
		spec.Linux.Seccomp = profile
	}
	text, err := json.MarshalIndent(spec, "", "\t")
	if err != nil {
		return b, err
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return b, err
	}
	return b, os.WriteFile(filepath.Join(b.dir, "config.json"), text, 0o644)
}

// makeRootfs makes the root filesystem of every container: the mount points
// of an image, and two static programs.
func makeRootfs(dir, built string) error {
	for _, d := range []string{"proc", "dev", "sys", "bin", "etc"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	for _, p := range []string{"true", "pause"} {
		program, err := os.ReadFile(filepath.Join(built, p))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", p), program, 0o755); err != nil {
			return err
		}
	}
	return nil
}
