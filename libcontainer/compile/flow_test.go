package compile

import (
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// A flow follows the fd slots of one side of a plan, op by op.
type flow struct {
	p     *plan.Plan
	side  string
	slots [plan.MaxSlots]bool // filled
	pivot bool                // the root has changed
	talk  []string            // messages between the stages, as this side sees them
	wrong []string

	waiting []plan.Slot // what is open while init waits for start
	last    []plan.Slot // what is open at the last op of this side
}

func (f *flow) say(i int, format string, args ...any) {
	o := &f.p.Ops[i]
	f.wrong = append(f.wrong, fmt.Sprintf("%s: op %d, %s %q: %s", f.side, i, o.Code, o.Label(), fmt.Sprintf(format, args...)))
}

func (f *flow) read(i int, what string, s plan.Slot) {
	if s != plan.None && !f.slots[s] {
		f.say(i, "%s is slot %d, which nothing has filled", what, s)
	}
}

func (f *flow) need(i int, what string, s plan.Slot) {
	if s == plan.None {
		f.say(i, "%s is no slot", what)
	}
	f.read(i, what, s)
}

func (f *flow) fill(i int, what string, s plan.Slot, n uint64) {
	if n > 0 && s == plan.None {
		f.say(i, "%s is no slot", what)
		return
	}
	for k := range plan.Slot(n) {
		f.slots[s+k] = true
	}
}

func (f *flow) open() []plan.Slot {
	var open []plan.Slot
	for s, filled := range f.slots {
		if filled {
			open = append(open, plan.Slot(s))
		}
	}
	return open
}

// follow walks over the plan of p and returns its sides: stage 1, nil if there is
// none, the helper, which may be stage 1, and the side that becomes the container.
func follow(p *plan.Plan) (stage1, helper, init *flow) {
	init = &flow{p: p, side: "init"}
	for i := range p.Inherit {
		init.slots[i] = true
	}
	from := 0
	if i := slices.IndexFunc(p.Ops, isClone); i >= 0 {
		stage1 = &flow{p: p, side: "stage 1", slots: init.slots}
		helper = stage1
		end := int(p.Ops[i].N[1])
		if k := slices.IndexFunc(p.Ops, isHelper); k >= 0 {
			helper = &flow{p: p, side: "helper"}
			stage1.run(0, k+1)
			helper.slots = stage1.slots
			stage1.run(k+1, i)
			from = int(p.Ops[k].N[1])
			helper.run(from, end)
			from, end = end, from
		} else {
			stage1.run(0, i)
			from = end
		}
		init.slots = stage1.slots // a copy: clone(2) without CLONE_FILES
		stage1.run(i, end)
	}
	init.run(from, len(p.Ops))
	return stage1, helper, init
}

func isClone(o plan.Op) bool { return o.Code == plan.Clone && !o.Helper }

func (f *flow) run(from, to int) {
	for i := from; i < to; i++ {
		if i == len(f.p.Ops)-1 || i == to-1 {
			f.last = f.open()
		}
		f.paths(i)
		f.step(i)
	}
}

// paths checks that after the change of root no op takes a path that was meant
// for the host: everything goes through a slot, but for "/", the container's own.
func (f *flow) paths(i int) {
	o := &f.p.Ops[i]
	switch o.Code {
	case plan.Pivot, plan.Chroot:
		f.pivot = true
		return
	case plan.Open, plan.Tree, plan.Node, plan.SetAttr, plan.Write, plan.Target, plan.Mknod, plan.Symlink, plan.Mask, plan.Readonly:
		if f.pivot && o.Src == plan.None && o.Path != "/" {
			f.say(i, "it takes the path %s of the host after the change of root", o.Path)
		}
	case plan.Move:
		if f.pivot && o.Dst == plan.None {
			f.say(i, "it takes the path %s of the host after the change of root", o.Path)
		}
	case plan.ParentPrivate:
		if f.pivot {
			f.say(i, "it takes the path %s of the host after the change of root", o.Path)
		}
	}
}

// step does to the slots what op i does (initproc/csrc).
func (f *flow) step(i int) {
	o := &f.p.Ops[i]
	switch o.Code {
	case plan.Sync:
		f.read(i, "src", o.Src)
		f.fill(i, "dst", o.Dst, o.N[1])
	case plan.Accept:
		f.need(i, "src", o.Src)
		f.waiting = f.open()
		f.slots[o.Src] = false
		f.fill(i, "dst", o.Dst, o.N[1])
	case plan.Close:
		if o.Src == plan.None {
			f.say(i, "it closes no slot")
			return
		}
		f.slots[o.Src] = false
	case plan.Pair:
		f.fill(i, "dst", o.Dst, 1)
		f.fill(i, "aux", o.Aux, 1)
	case plan.Clone:
		if o.Dst != plan.None {
			f.fill(i, "dst", o.Dst, 1)
		}
	case plan.PeerSend:
		f.need(i, "aux", o.Aux)
		f.read(i, "src", o.Src)
		f.talk = append(f.talk, message("send", o.Src))
	case plan.PeerRecv:
		f.need(i, "aux", o.Aux)
		f.talk = append(f.talk, message("receive", o.Dst))
		if o.Dst != plan.None {
			f.fill(i, "dst", o.Dst, 1)
		}
	default:
		f.stepFile(i, o)
	}
}

func message(verb string, s plan.Slot) string {
	if s == plan.None {
		return verb + " a word"
	}
	return verb + " an fd"
}

// stepFile is step for the ops on files and mounts, and on what init itself is.
func (f *flow) stepFile(i int, o *plan.Op) {
	switch o.Code {
	case plan.Open, plan.Tree, plan.Node:
		f.read(i, "src", o.Src)
		f.fill(i, "dst", o.Dst, 1)
	case plan.Target:
		f.need(i, "src", o.Src)
		if o.N[0] == 2 || o.Flags&plan.Keep != 0 {
			f.need(i, "aux", o.Aux)
		}
		f.fill(i, "dst", o.Dst, 1)
	case plan.FSMount:
		if o.Flags&plan.Legacy != 0 {
			f.need(i, "src", o.Src)
		}
		f.read(i, "aux", o.Aux)
		f.fill(i, "dst", o.Dst, 1)
	case plan.SetAttr:
		f.read(i, "src", o.Src)
		f.read(i, "aux", o.Aux)
	case plan.Move:
		f.need(i, "src", o.Src)
		f.read(i, "dst", o.Dst)
	case plan.CopyUp:
		f.need(i, "src", o.Src)
		f.need(i, "dst", o.Dst)
	case plan.Mask:
		f.need(i, "src", o.Src)
		f.need(i, "dst", o.Dst)
		f.need(i, "aux", o.Aux)
	case plan.Pty:
		f.need(i, "src", o.Src)
		f.fill(i, "dst", o.Dst, 1)
		f.fill(i, "aux", o.Aux, 1)
	case plan.Seccomp:
		if o.N[0]&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER != 0 {
			f.fill(i, "dst", o.Dst, 1)
		}
	case plan.Hook:
		f.read(i, "src", o.Src)
		f.need(i, "dst", o.Dst)
		f.read(i, "aux", o.Aux)
	case plan.Setns, plan.Mknod, plan.Symlink, plan.Write, plan.Readonly, plan.Pivot, plan.Chroot,
		plan.Terminal, plan.Stdio, plan.Chdir:
		f.need(i, "src", o.Src)
	case plan.Exit, plan.Exec:
		f.slots = [plan.MaxSlots]bool{} // every fd of init is close-on-exec
	case plan.Unshare:
		if o.N[0] == 0 || o.N[0]&^uint64(unix.CLONE_NEWCGROUP|unix.CLONE_NEWTIME|unix.CLONE_NEWIPC) != 0 {
			f.say(i, "it unshares %#x", o.N[0])
		}
	case plan.ParentPrivate, plan.Name, plan.Setsid, plan.Keyring, plan.Personality, plan.Scheduler, plan.IOPrio,
		plan.MemPolicy, plan.Affinity,
		plan.Umask, plan.Bounding, plan.KeepCaps, plan.Groups, plan.IDs, plan.Caps, plan.Ambient, plan.NoNewPrivs,
		plan.Find, plan.Gate, plan.Announce, plan.Signals, plan.Dumpable, plan.Title, plan.Loopback, plan.Rlimit:
		// no fds
	default:
		f.say(i, "the checker does not know this op: teach it")
	}
}
