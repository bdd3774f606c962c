package compile

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func sortedKeys(m map[string]string) []string {
	return slices.Sorted(maps.Keys(m))
}

// names appends host and domain name.
func (b *builder) names() {
	if b.Spec.Hostname != "" {
		o := b.op(plan.Name, "hostname", "set the host name "+b.Spec.Hostname)
		o.Path = b.Spec.Hostname
	}
	if b.Spec.Domainname != "" {
		o := b.op(plan.Name, "domainname", "set the domain name "+b.Spec.Domainname)
		o.Path, o.N[0] = b.Spec.Domainname, 1
	}
}

// identity appends who the process is, up to the change of user. From the
// first op that needs no privilege of the host's on, the order is that of
// capabilities(7): what is kept must be kept before the user changes.
func (b *builder) identity() {
	p := b.Spec.Process
	b.op(plan.Setsid, "", "start a session")
	if !b.NoNewKeyring {
		b.keyLabel()
		b.op(plan.Keyring, "", "join a new session keyring").Path = "_ses." + b.ID
	}
	if b.terminal() {
		o := b.op(plan.Terminal, "process.terminal", "take the terminal")
		o.Src, o.N[0] = slotSlave, uint64(p.User.UID)
		b.close(slotSlave)
	} else {
		o := b.op(plan.Stdio, "process.user", "own the standard streams")
		o.Src, o.N[0] = slotRoot, uint64(p.User.UID)
	}
	b.scheduling()
	umask := uint64(0o022)
	if p.User.Umask != nil {
		umask = uint64(*p.User.Umask)
	}
	b.op(plan.Umask, "process.user.umask", "set the umask").N[0] = umask
	if b.lateHome() {
		o := b.op(plan.Open, "process.user", "open /etc/passwd")
		o.Src, o.Dst, o.Path, o.Flags = slotRoot, slotPasswd, "/etc/passwd", plan.Optional|plan.Regular
		o.N = [4]uint64{unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY, 0, unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS, 0}
	}
	b.rlimits()
	b.execLabel()
	b.user()
	b.chdir(0)
}

// chdir appends the change to the working directory: as root of the container,
// and once more as its user, if root was not allowed.
func (b *builder) chdir(f plan.Flags) {
	o := b.op(plan.Chdir, "process.cwd", "change to "+b.Spec.Process.Cwd)
	o.Src, o.Path, o.Flags = slotRoot, b.Spec.Process.Cwd, f
}

// user appends the change of user and capabilities. A filter that is loaded
// without no_new_privs needs CAP_SYS_ADMIN in init; execve(2) computes the
// process's capabilities afresh, so it never has it.
func (b *builder) user() {
	p := b.Spec.Process
	c := capabilities(p.Capabilities)
	if b.ns.user == nsHost {
		c.drop(b.Probes.Lacks)
	}
	o := b.op(plan.Bounding, "process.capabilities.bounding", "drop capabilities from the bounding set")
	o.N[0], o.N[1] = c.bounding, b.Probes.LastCap
	b.op(plan.KeepCaps, "process.user", "keep capabilities over the change of user").N[0] = 1
	b.groups()
	o = b.op(plan.IDs, "process.user", "change the user")
	o.N[0], o.N[1] = uint64(p.User.UID), uint64(p.User.GID)
	var extra uint64
	if b.filtered() && !p.NoNewPrivileges {
		extra = 1 << unix.CAP_SYS_ADMIN
	}
	o = b.op(plan.Caps, "process.capabilities", "set capabilities")
	o.N[0], o.N[1], o.N[2] = c.effective|extra, c.permitted|extra, c.inheritable
	b.op(plan.Ambient, "process.capabilities.ambient", "set ambient capabilities").N[0] = c.ambient
}

func (b *builder) groups() {
	if b.keepsGroups() {
		return
	}
	p := b.Spec.Process
	o := b.op(plan.Groups, "process.user.additionalGids", "set supplementary groups")
	for _, g := range p.User.AdditionalGids {
		o.Text = binary.NativeEndian.AppendUint32(o.Text, g)
	}
	o.N[0] = uint64(len(p.User.AdditionalGids))
	if len(p.User.AdditionalGids) == 0 && (b.ns.user != nsHost || !b.hostRoot()) {
		o.Flags = plan.AccessOK // setgroups is "deny" in a rootless container
	}
}

// keepsGroups says whether the process has the supplementary groups of the caller.
func (b *builder) keepsGroups() bool { return b.Spec.Annotations[spec.KeepGroups] == "1" }

// scheduling appends what the process runs with: personality, scheduler, I/O
// priority, memory policy, CPUs.
func (b *builder) scheduling() {
	p := b.Spec.Process
	if b.Spec.Linux != nil && b.Spec.Linux.Personality != nil {
		o := b.op(plan.Personality, "linux.personality", "set the personality "+string(b.Spec.Linux.Personality.Domain))
		if b.Spec.Linux.Personality.Domain == specs.PerLinux32 {
			o.N[0] = 0x8 // PER_LINUX32
		}
	}
	if p.Scheduler != nil {
		o := b.op(plan.Scheduler, "process.scheduler", "set the scheduler "+string(p.Scheduler.Policy))
		o.Text = schedAttr(p.Scheduler)
	}
	if p.IOPriority != nil {
		o := b.op(plan.IOPrio, "process.ioPriority", "set the I/O priority "+string(p.IOPriority.Class))
		o.N[0] = ioClass(p.IOPriority.Class)<<13 | uint64(p.IOPriority.Priority)
	}
	b.memoryPolicy()
	b.affinity()
}
