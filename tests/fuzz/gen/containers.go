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

// boots writes the seeds in which the kernel refuses what init does before it
// has a plan, and those of plans that it must refuse.
func (w *writer) boots() error {
	p := &plan.Plan{Ops: []plan.Op{op(plan.Title, path("x")), op(plan.Exit, nil)}}
	for at := range 8 {
		if err := w.write(fmt.Sprintf("boot-refused-%d", at), boot, 1, refused(at, inval), p); err != nil {
			return err
		}
	}
	for i, script := range [][]byte{{0x9e}, {4, 2}, {1, 0}, {1, 39}} {
		if err := w.write(fmt.Sprintf("boot-%d", i), boot, 1, append(make([]byte, 5), script...), p); err != nil {
			return err
		}
	}
	for i, spoil := range []func(o *plan.Op){
		func(o *plan.Op) { o.Src = plan.MaxSlots },
		func(o *plan.Op) { o.Code = 999 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.Sync, 33 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.FSMount, 9 },
		func(o *plan.Op) { o.Code, o.N[1] = plan.Clone, 9 },
		func(o *plan.Op) { o.Code, o.N[0] = plan.Groups, 9 },
	} {
		spoilt := &plan.Plan{Ops: []plan.Op{op(plan.Title, spoil)}}
		if err := w.write(fmt.Sprintf("refused-plan-%d", i), asItIs, 0, nil, spoilt); err != nil {
			return err
		}
	}
	return w.shreds()
}

// shreds are no plans at all: too short, or of another magic number.
func (w *writer) shreds() error {
	for name, data := range map[string][]byte{"short": {1, 2, 3}, "zeros": make([]byte, 200), "nothing": nil} {
		w.n++
		if err := os.WriteFile(filepath.Join(w.dir, "refused-"+name), append(header(asItIs, 0, nil), data...), 0o644); err != nil {
			return err
		}
	}
	return nil
}

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
		Probes: compile.Probes{SetAttr: setattr, LastCap: 40, Privileged: true, AppArmor: true, SELinux: true},
		Cgroup: cgroups.MountView{Version: 2, Hierarchies: []cgroups.Hierarchy{{HostDir: "/sys/fs/cgroup/web"}}},
		Filter: compile.Filter{Program: make([]byte, 24)},
	}
	p, err := compile.Compile(in)
	if err != nil && !setattr { // id maps and recursive options need it
		in.Probes.SetAttr = true
		p, err = compile.Compile(in)
	}
	return p, err
}
