// Package compile turns a validated config into a plan: the one place where it
// is decided what a field means. It reads nothing from the machine; what it has
// to know of the kernel and of the host's cgroups comes in Input, so that equal
// inputs make equal plans everywhere.
package compile

import (
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Input is everything that a plan depends on.
type Input struct {
	ID      string
	Bundle  string      // absolute
	Spec    *specs.Spec // validated
	Rootfs  string      // absolute path of the root filesystem on the host
	Probes  Probes
	Cgroup  cgroups.MountView // zero when no mount asks for it
	Filter  Filter            // compiled from linux.seccomp
	Winsize *unix.Winsize     // overrides process.consoleSize

	// CPUs is a list of the CPUs that the process is bound to, "" for no change:
	// process.execCPUAffinity.final, which is for exec alone.
	CPUs string

	PreserveFDs  int  // fds 3 … 3+n-1 are the process's
	Run          bool // execute at once instead of waiting on the start socket
	NoPivot      bool
	HostViews    []string // with NoPivot: mount points of proc and sysfs on the host, as often as they occur
	NoNewKeyring bool
	Links        map[int]string // of mounts with copy-symlink whose source is a link: what it says
	NoCgroup     bool           // the container stays in the caller's cgroup, without limits
}

// Probes says what the kernel and the caller can do.
type Probes struct {
	SetAttr    bool   // mount_setattr(2), from 5.12
	LastCap    uint64 // /proc/sys/kernel/cap_last_cap
	Lacks      uint64 // capabilities that the caller has not got itself, as a mask
	Privileged bool   // the caller is root: of the host, or of the user namespace that it is in
	Nested     bool   // that is another user namespace than the machine's first
	AppArmor   bool   // the kernel enforces AppArmor profiles
	SELinux    bool   // the kernel enforces SELinux labels
	Resctrl    bool   // the resctrl file system is mounted
	// What the policy has against the labels of the config, if anything.
	ProcessLabel, MountLabel error
}

// Filter is a compiled seccomp profile; Program is empty when the config has
// none, or when the plan is only printed.
type Filter struct {
	Program []byte // struct sock_filter, 8 bytes each
	Flags   uint32 // SECCOMP_FILTER_FLAG_*
}

// The slots with a fixed use; those below are inherited, in their order.
const (
	slotRoot plan.Slot = plan.MaxFDs + iota
	slotProc
	slotNull // the host's null device, for masks
	slotMask // the read-only tmpfs of masked directories
	slotTree
	slotTarget
	slotMaster
	slotSlave
	slotPasswd
	slotStage2 // pidfd of stage 2, or its mount namespace, in the helper
	slotPeer1  // the helper's end of the pair
	slotPeer2
	slotHookIn
	slotHookErr // must follow slotHookIn, and slotHookOut it: they come with one answer
	slotHookOut
	slotExecAttr // /proc/self/attr file for the label of the process
	slotKeyAttr  // /proc/self/attr file for the label of its keys
	slotListener // of seccomp notifications
)

// builder collects the plan of one container.
type builder struct {
	Input
	plan.Plan
	exec     bool // the plan is one for exec
	ns       namespaces
	list     []mount        // the entries of mounts
	last     map[string]int // the last entry for a destination; see covered
	readonly []*mount       // those that become read-only when all is in place
	helper   []plan.Op      // ops of the helper once stage 2 has its mount namespace
}

// Compile returns the plan for in. An error has a line for each mistake.
func Compile(in Input) (*plan.Plan, error) {
	b := &builder{Input: in}
	if err := b.read(); err != nil {
		return nil, err
	}
	b.Ops = make([]plan.Op, 0, expectedOps(in.Spec))
	b.host()
	b.stages()
	b.enter()
	b.root()
	b.mounts()
	b.devices()
	b.console()
	b.createHooks()
	b.makeReadonlyLate()
	b.masks()
	b.sysctls()
	b.pivot()
	b.names()
	b.identity()
	b.start()
	b.link()
	return &b.Plan, nil
}

// Check returns what Compile refuses in a config, which need not be valid otherwise.
func Check(s *specs.Spec, p Probes) error {
	b := &builder{Input: Input{Spec: s, Probes: p}}
	return b.read()
}

// read takes the config apart, and refuses what cannot be compiled.
func (b *builder) read() error {
	b.ns = readNamespaces(b.Spec)
	b.readMounts()
	b.inherit()
	return b.supported()
}

// expectedOps is about how many ops a plan has: enough that no usual list grows
// while it is made.
func expectedOps(s *specs.Spec) int {
	n := 64 + 4*len(s.Mounts)
	if s.Linux != nil {
		n += len(s.Linux.MaskedPaths) + len(s.Linux.ReadonlyPaths) + 2*len(s.Linux.Devices)
	}
	return n
}

// op appends an operation; the pointer is good until the next one.
func (b *builder) op(c plan.Code, source, doing string) *plan.Op {
	return &b.Ops[b.Add(plan.NewOp(c, source, doing))]
}

// help appends an operation to what the helper does for stage 2 with the host's
// privileges.
func (b *builder) help(c plan.Code, source, doing string) *plan.Op {
	b.helper = append(b.helper, plan.NewOp(c, source, doing))
	return &b.helper[len(b.helper)-1]
}

// close appends the closing of slots.
func (b *builder) close(slots ...plan.Slot) {
	for _, s := range slots {
		b.op(plan.Close, "", "close").Src = s
	}
}
