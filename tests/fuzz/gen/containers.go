package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// containers compiles the configs and writes the plan of each as it is, once
// with a kernel that agrees and once with one that refuses somewhere.
func (w *writer) containers(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for i, file := range files {
		name := "plan-" + strings.TrimSuffix(filepath.Base(file), ".json")
		p, err := container(file, i%2 == 0)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := w.write(name, asItIs, byte(len(p.Inherit)), nil, p); err != nil {
			return err
		}
		if err := w.write(name+"-refused", mended, byte(len(p.Inherit)), refused(20+9*i, ioerr), p); err != nil {
			return err
		}
	}
	return nil
}

func container(file string, setattr bool) (*plan.Plan, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var s specs.Spec
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	in := compile.Input{
		ID: "web", Bundle: "/bundle", Spec: &s, Rootfs: "/bundle/rootfs",
		Probes: compile.Probes{SetAttr: setattr, LastCap: 40, Privileged: true, AppArmor: true, SELinux: true, Resctrl: true},
		Cgroup: cgroups.MountView{Version: 2, Hierarchies: []cgroups.Hierarchy{{HostDir: "/sys/fs/cgroup"}}},
		Filter: compile.Filter{Program: make([]byte, 24)},
	}
	p, err := compile.Compile(in)
	if err != nil && !setattr { // id maps and recursive options need it
		in.Probes.SetAttr = true
		p, err = compile.Compile(in)
	}
	return p, err
}
