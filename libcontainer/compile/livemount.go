package compile

import (
	"fmt"
	"path"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// Attach says how a mount gets into a container that runs.
type Attach struct {
	Join   uintptr // namespaces of the container's init to join, CLONE_NEW*, all but the pid namespace
	Locked bool    // the container's root may not change the flags of what comes from the host
}

// CompileAttach returns the plan that adds the only mount of in.Spec to a container that
// runs. Of the host only the source of a bind mount is opened, before the container's
// namespaces are joined. The way to the mount point must be without links.
func CompileAttach(in Input, a Attach) (*plan.Plan, error) {
	b := &builder{Input: in, exec: true}
	b.ns = readNamespaces(b.Spec)
	b.joined()
	b.readMounts()
	m := &b.list[0]
	m.source = "mount"
	b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.Process, Source: m.source})
	b.inheritIDMaps()
	if a.Locked && m.isBind() {
		b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.LockedMounts, Source: m.source})
	}
	if err := b.attachable(m); err != nil {
		return nil, err
	}
	b.begin(true)
	if m.isBind() {
		if a.Locked {
			o := b.op(plan.Setns, m.source, m.doing("enter the host's mounts"))
			o.Src, o.N[0] = plan.Slot(len(b.Inherit)-1), unix.CLONE_NEWNS
		}
		b.openTree(m, m.Recursive || m.Type == "rbind")
	}
	b.attach(Exec{Join: a.Join})
	if b.ns.user != nsHost {
		b.becomeRoot()
	}
	b.enterRoot(Exec{})
	b.attachMount(m)
	b.finish()
	return &b.Plan, nil
}

// attachable refuses what makes no sense for a container that runs.
func (b *builder) attachable(m *mount) error {
	switch {
	case m.dest == "/":
		return errMount(m, "the root of a container that runs stays what it is")
	case m.Remount:
		return errMount(m, "a remount adds nothing")
	case m.Type == "cgroup" || m.Type == "cgroup2":
		return errMount(m, "cgroups are mounted when a container is created")
	case m.TmpCopyUp:
		return errMount(m, "tmpcopyup is for a container that is created")
	case m.CopySymlink, m.DestNoFollow:
		return errMount(m, "copy-symlink and dest-nofollow are for a container that is created")
	}
	return b.possible(m)
}

func (b *builder) attachMount(m *mount) {
	if m.isBind() {
		b.target(m, slotTree)
		b.placeWith(m, m.AttrSet, m.AttrClr)
		return
	}
	b.freshMount(m)
	b.makeReadonlyLate()
}

// CompileDetach returns the plan that takes the mount at dest out of a container that runs.
func CompileDetach(in Input, join uintptr, dest string) (*plan.Plan, error) {
	b := &builder{Input: in, exec: true}
	b.ns = readNamespaces(b.Spec)
	b.joined()
	b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.Process})
	b.begin(true)
	b.attach(Exec{Join: join})
	b.enterRoot(Exec{})
	o := b.op(plan.Detach, dest, "detach the mount")
	o.Src, o.Path, o.Text = slotRoot, path.Dir(dest), list([]string{path.Base(dest)})
	b.finish()
	return &b.Plan, nil
}

// finish ends a plan that executes nothing.
func (b *builder) finish() {
	b.op(plan.Sync, "", "tell that all is done").Sync = plan.SyncDone
	b.op(plan.Exit, "", "end")
}

func errMount(m *mount, why string) error {
	return fmt.Errorf("mount on %s: %s: %w", m.dest, why, unix.EINVAL)
}
