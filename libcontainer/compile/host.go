package compile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// host lists what the host side does around the plan, in its order. Package
// libcontainer does it; `creel plan` prints it.
func (b *builder) host() {
	l := b.Spec.Linux
	if l == nil {
		l = &specs.Linux{}
	}
	b.AddHost(plan.BeforeInit, "", "record state", "creating")
	if !b.NoCgroup {
		b.AddHost(plan.BeforeInit, "linux.cgroupsPath", "make the cgroup", l.CgroupsPath)
	}
	b.hostResctrl(l)
	if l.Seccomp != nil {
		b.AddHost(plan.BeforeInit, "linux.seccomp", "find the filter, or begin to compile it", string(l.Seccomp.DefaultAction))
	}
	b.AddHost(plan.Spawn, "linux.namespaces", "start init", b.spawnWords())
	if l.IntelRdt != nil {
		b.AddHost(plan.BeforePlan, "linux.intelRdt", "move init into the resctrl group", "")
	}
	for i := range b.Inherit {
		switch in := &b.Inherit[i]; in.Kind {
		case plan.StartSocket:
			b.AddHost(plan.BeforePlan, "", "make the start socket", "")
		case plan.Namespace:
			b.AddHost(plan.BeforePlan, in.Source, "open the namespace", in.Path)
		case plan.IDMap:
			b.AddHost(plan.BeforePlan, in.Source, "make a user namespace with the id maps", mapWords(in.UID))
		}
	}
	if l.Resources != nil && !b.NoCgroup {
		b.AddHost(plan.BeforePlan, "linux.resources", "write limits other than memory and devices", "")
	}
	if b.ns.user == nsNew {
		b.AddHost(plan.AtMapped, "linux.uidMappings", "write uid_map", mapWords(l.UIDMappings))
		b.AddHost(plan.AtMapped, "linux.gidMappings", "write gid_map", mapWords(l.GIDMappings))
	}
	if b.timeOffsets() {
		b.AddHost(plan.AtMapped, "linux.timeOffsets", "write timens_offsets", "")
	}
	b.hostNetDevices()
	b.hostHooks()
	b.hostCreated(l)
}

// hostResctrl lists what is done to the resctrl file system. Where that is, and
// whether a group has to be made, is not the config's to say.
func (b *builder) hostResctrl(l *specs.Linux) {
	r := l.IntelRdt
	if r == nil {
		return
	}
	group := r.ClosID
	if group == "" {
		group = b.ID
	}
	b.AddHost(plan.BeforeInit, "linux.intelRdt.closID", "find or make the resctrl group", group)
	for i, s := range append([]string{r.L3CacheSchema, r.MemBwSchema}, r.Schemata...) {
		if strings.TrimSpace(s) == "" {
			continue
		}
		field := fmt.Sprintf("schemata[%d]", i-2)
		if i < 2 {
			field = [...]string{"l3CacheSchema", "memBwSchema"}[i]
		}
		b.AddHost(plan.BeforeInit, "linux.intelRdt."+field, "write the schema", s)
	}
	if r.EnableMonitoring {
		b.AddHost(plan.BeforeInit, "linux.intelRdt.enableMonitoring", "make the monitoring group", "mon_groups/"+b.ID)
	}
}

func (b *builder) hostHooks() {
	h := b.hooks()
	for _, k := range [...]struct {
		when  plan.When
		name  string
		hooks []specs.Hook
	}{
		{plan.AtHooks, "prestart", h.Prestart},
		{plan.AtHooks, "createRuntime", h.CreateRuntime},
		{plan.AfterExec, "poststart", h.Poststart},
		{plan.AfterDelete, "poststop", h.Poststop},
	} {
		for i := range k.hooks {
			b.AddHost(k.when, fmt.Sprintf("hooks.%s[%d]", k.name, i), "run hook", k.hooks[i].Path+b.outputWords())
		}
	}
}

func (b *builder) hostCreated(l *specs.Linux) {
	if b.hostRoot() && !b.NoCgroup {
		b.AddHost(plan.AtCreated, "linux.resources.devices", "allow devices", "")
	}
	if l.Resources != nil && l.Resources.Memory != nil && !b.NoCgroup {
		b.AddHost(plan.AtCreated, "linux.resources.memory", "write memory limits", "")
	}
	p := b.Spec.Process
	if p.OOMScoreAdj != nil {
		b.AddHost(plan.AtCreated, "process.oomScoreAdj", "write oom_score_adj", strconv.Itoa(*p.OOMScoreAdj))
	}
	if b.lateHome() {
		b.AddHost(plan.AtCreated, "process.env", "look up HOME", fmt.Sprintf("uid %d", p.User.UID))
	}
	b.AddHost(plan.AtCreated, "", "record state", "created")
	if b.notifies() {
		b.AddHost(plan.AtAgent, "linux.seccomp.listenerPath", "connect to the agent", l.Seccomp.ListenerPath)
	}
}

func (b *builder) spawnWords() string {
	var words []string
	for _, x := range [...]struct {
		flag uintptr
		word string
	}{
		{unix.CLONE_NEWPID, "pid"}, {unix.CLONE_NEWNET, "network"}, {unix.CLONE_NEWNS, "mount"},
		{unix.CLONE_NEWIPC, "ipc"}, {unix.CLONE_NEWUTS, "uts"}, {unix.CLONE_NEWUSER, "user"},
	} {
		if b.ns.newFlags()&x.flag != 0 {
			words = append(words, x.word)
		}
	}
	if b.ns.twoStages() {
		return "stage 1, which clones: " + strings.Join(words, " ")
	}
	return "new: " + strings.Join(words, " ")
}

func mapWords(maps []specs.LinuxIDMapping) string {
	words := make([]string, len(maps))
	for i, m := range maps {
		words[i] = fmt.Sprintf("%d %d %d", m.ContainerID, m.HostID, m.Size)
	}
	return strings.Join(words, ", ")
}
