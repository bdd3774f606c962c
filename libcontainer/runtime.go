package libcontainer

import (
	"fmt"
	"path"
	"strings"

	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func (rt *Runtime) store() *state.Store { return state.Open(rt.Root) }

func (rt *Runtime) rootless() bool { return rt.Rootless != nil && rt.Rootless() }

func (rt *Runtime) warn(msg string) {
	if rt.Warn != nil {
		rt.Warn(msg)
	}
}

// Create makes a container; on return its init waits for Start.
func (rt *Runtime) Create(o CreateOptions) (*Container, error) {
	o, err := rt.checked(o)
	if err != nil {
		return nil, err
	}
	return rt.boot(o, false)
}

// Run makes a container and executes its process; the caller is its parent and
// calls Wait.
func (rt *Runtime) Run(o CreateOptions) (*Container, error) {
	o, err := rt.checked(o)
	if err != nil {
		return nil, err
	}
	c, err := rt.boot(o, true)
	if err != nil {
		return nil, err
	}
	if err := c.poststart(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Plan returns what Create would do, and does nothing. It needs no privilege.
func (rt *Runtime) Plan(o CreateOptions) (*plan.Document, error) {
	if err := checkPreserved(o.PreserveFDs); err != nil {
		return nil, err
	}
	if o.Spec.Process == nil {
		return nil, errNoProcess()
	}
	o, err := rt.notifying(o)
	if err != nil {
		return nil, err
	}
	in, err := rt.input(o, false)
	if err != nil {
		return nil, err
	}
	if usesCgroupMount(o.Spec) {
		// a machine whose cgroups cannot be read still has a plan
		if in.Cgroup, err = rt.cgroupView(o); err != nil {
			return nil, err
		}
	}
	p, err := compile.Compile(in)
	if err != nil {
		return nil, allMistakes(o.Spec, err)
	}
	return p.Document(o.ID), nil
}

// checked looks at what can be wrong with the options beside the config, and returns
// them with the config that results.
func (rt *Runtime) checked(o CreateOptions) (CreateOptions, error) {
	if err := state.CheckID(o.ID); err != nil {
		return o, err
	}
	if err := checkPreserved(o.PreserveFDs); err != nil {
		return o, err
	}
	if o.Spec.Process == nil {
		return o, errNoProcess()
	}
	return rt.notifying(o)
}

func errNoProcess() error { return fmt.Errorf("process: missing: %w", unix.EINVAL) }

func (rt *Runtime) input(o CreateOptions, run bool) (compile.Input, error) {
	have := configProbes(o.Spec)
	have.Resctrl = have.Resctrl || rt.ResctrlRoot != ""
	if names := compile.Ungranted(o.Spec, have.Lacks); len(names) > 0 {
		rt.warn("process.capabilities: the runtime itself lacks " + strings.Join(names, ", ") + ": not granted")
	}
	var views []string
	if o.NoPivot {
		var err error
		if views, err = hostViews(); err != nil {
			return compile.Input{}, err
		}
	}
	return compile.Input{
		HostViews: views,
		ID:        o.ID, Bundle: o.Bundle, Spec: o.Spec, Rootfs: o.rootfs(), Probes: have,
		Winsize: o.ConsoleSize, PreserveFDs: o.PreserveFDs, Run: run, NoPivot: o.NoPivot, NoNewKeyring: o.NoNewKeyring,
		Links: linksToCopy(o.Spec, o.Bundle), NoCgroup: rt.NoCgroup,
	}, nil
}

func usesCgroupMount(s *specs.Spec) bool {
	for i := range s.Mounts {
		if t := s.Mounts[i].Type; t == "cgroup" || t == "cgroup2" {
			return true
		}
	}
	return false
}

// cgroupMountWritable says whether the container sees its cgroup read-write.
func cgroupMountWritable(s *specs.Spec) bool {
	for i := range s.Mounts {
		m := &s.Mounts[i]
		if m.Type != "cgroup" && m.Type != "cgroup2" || path.Clean(m.Destination) != "/sys/fs/cgroup" {
			continue
		}
		for _, o := range m.Options {
			if o == "ro" {
				return false
			}
		}
		return true
	}
	return false
}
