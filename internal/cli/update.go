package cli

import (
	"flag"
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func (p *program) updateCommand() *command {
	return &command{
		name: "update", usage: "update container resource constraints",
		args: "<container-id>", least: 1, most: 1,
		description: "What is not given stays as it is. If one limit cannot be set, none is changed.\n\n" +
			"--resources takes the form of linux.resources in a config (unchanged values can be omitted):\n\n" +
			"   {\"memory\": {\"limit\": 536870912, \"swap\": 1073741824, \"checkBeforeUpdate\": true},\n" +
			"    \"cpu\": {\"shares\": 512, \"quota\": 50000, \"period\": 100000, \"cpus\": \"0-1\"},\n" +
			"    \"pids\": {\"limit\": 100}}\n\n" +
			"With it all other options but those of Intel RDT are ignored. Rules for devices in it are not looked at.",
		flags:  updateFlags,
		action: p.update,
	}
}

func updateFlags(f *flags) {
	f.text("", "path to the file containing the resources to update or '-' to read from the standard input", "resources", "r")
	f.number("Specifies per cgroup weight, range is from 10 to 1000", "blkio-weight")
	f.text("", "CPU CFS period to be used for hardcapping (in usecs). 0 to use system default", "cpu-period")
	f.text("", "CPU CFS hardcap limit (in usecs). Allowed cpu time in a given period", "cpu-quota")
	f.text("", "CPU CFS hardcap burst limit (in usecs). Allowed accumulated cpu time additionally for burst a given period", "cpu-burst")
	f.text("", "CPU shares (relative weight vs. other containers)", "cpu-share")
	f.text("", "CPU realtime period to be used for hardcapping (in usecs). 0 to use system default", "cpu-rt-period")
	f.text("", "CPU realtime hardcap limit (in usecs). Allowed cpu time in a given period", "cpu-rt-runtime")
	f.text("", "set cgroup SCHED_IDLE or not, 0: default behavior, 1: SCHED_IDLE", "cpu-idle")
	f.text("", "CPU(s) to use", "cpuset-cpus")
	f.text("", "Memory node(s) to use", "cpuset-mems")
	f.text("", "Memory limit (in bytes)", "memory")
	f.text("", "Memory reservation or soft_limit (in bytes)", "memory-reservation")
	f.text("", "Total memory usage (memory + swap); set '-1' to enable unlimited swap", "memory-swap")
	f.text("", "(obsoleted; do not use)", "kernel-memory")
	f.hide()
	f.text("", "(obsoleted; do not use)", "kernel-memory-tcp")
	f.hide()
	f.number("Maximum number of pids allowed in the container", "pids-limit")
	f.text("", "The string of Intel RDT/CAT L3 cache schema", "l3-cache-schema")
	f.text("", "The string of Intel RDT/MBA memory bandwidth schema", "mem-bw-schema")
}

func (p *program) update(c *call) error {
	id := c.arg(0)
	res, err := p.wanted(c)
	if err != nil {
		return fmt.Errorf("update %s: %w", id, err)
	}
	ctr, err := p.rt.Load(id)
	if err != nil {
		return err
	}
	defer ctr.Close()
	if err := updateRDT(c, ctr); err != nil {
		return fmt.Errorf("update %s: %w", id, err)
	}
	if err := ctr.Update(res); err != nil {
		return fmt.Errorf("update %s: %w", id, err)
	}
	return nil
}

// wanted reads the limits that the command line asks for, and judges them.
func (p *program) wanted(c *call) (res *specs.LinuxResources, err error) {
	if file := c.String("resources"); file != "" {
		c.f.set.Visit(func(f *flag.Flag) {
			if f.Name != "resources" && f.Name != "r" && f.Name != "l3-cache-schema" && f.Name != "mem-bw-schema" {
				p.log.Warn(fmt.Sprintf("--%s %s is ignored, as --resources is given", f.Name, f.Value))
			}
		})
		if res, err = readResources(file); err == nil {
			// as runc: others (GPU plugins) may have changed the rules since, and engines send all that a config has
			res.Devices = nil
		}
	} else {
		res, err = flagResources(c)
	}
	if err != nil {
		return nil, err
	}
	return res, spec.ValidateResources(res, "linux.resources")
}

// updateRDT changes the schemata that the command line has.
func updateRDT(c *call, ctr *libcontainer.Container) error {
	err := ctr.UpdateRDT(c.String("l3-cache-schema"), c.String("mem-bw-schema"))
	if err == nil {
		return nil
	}
	var given []string
	for _, name := range [...]string{"l3-cache-schema", "mem-bw-schema"} {
		if v := c.String(name); v != "" {
			given = append(given, fmt.Sprintf("--%s %q", name, v))
		}
	}
	return fmt.Errorf("%s: %w", strings.Join(given, ", "), err)
}
