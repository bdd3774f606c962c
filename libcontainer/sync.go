package libcontainer

import (
	"fmt"
	"strings"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/netdev"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// sync implements host.
func (b *boot) sync(ch initproc.Channel, op *plan.Op, m *initproc.Message) (r reply, err error) {
	switch op.Sync {
	case plan.SyncMapped:
		err = b.mapIDs()
	case plan.SyncNetwork:
		b.devices, err = netdev.Move(m.FD, b.o.Spec.Linux.NetDevices)
	case plan.SyncHooks:
		r.told, err = b.runHooks(ch, op)
	case plan.SyncConsole:
		err = b.o.console(m.FD)
		m.FD = -1
	case plan.SyncRlimit:
		err = b.setRlimit(op)
	case plan.SyncCreated:
		r.late, r.done = lateHome(op, m, b.o.Spec.Process.User.UID), !b.run
		err = b.finish()
	case plan.SyncStart:
		r.told, err = true, b.goHooks(ch)
	case plan.SyncAgent:
		err = b.agent.meet(m.FD, b.container().stateWith(specs.StateCreated))
	default:
		err = fmt.Errorf("init: waits for %d: %w", op.Sync, unix.EPROTO)
	}
	return r, err
}

// mapIDs writes what only a parent may write: id maps and time offsets.
func (b *boot) mapIDs() error {
	l := b.o.Spec.Linux
	if b.hasNew(specs.UserNamespace) {
		if err := writeMaps(b.pid, l.UIDMappings, l.GIDMappings); err != nil {
			return err
		}
	}
	if len(l.TimeOffsets) == 0 {
		return nil
	}
	var text strings.Builder
	for _, clock := range [...]string{"monotonic", "boottime"} {
		if off, ok := l.TimeOffsets[clock]; ok {
			fmt.Fprintf(&text, "%s %d %d\n", clock, off.Secs, off.Nanosecs)
		}
	}
	if err := writeProc(b.pid, "timens_offsets", text.String()); err != nil {
		return fmt.Errorf("linux.timeOffsets: %w", err)
	}
	return nil
}

// hasNew says whether the container gets a namespace of its own of this type.
func (b *boot) hasNew(t specs.LinuxNamespaceType) bool {
	for _, ns := range b.o.Spec.Linux.Namespaces {
		if ns.Type == t {
			return ns.Path == ""
		}
	}
	return false
}

// runHooks runs the hooks of the runtime's namespaces, and gives init what it
// needs for its own, if it has any.
func (b *boot) runHooks(ch initproc.Channel, op *plan.Op) (told bool, err error) {
	b.hooked = true
	st, err := b.stateFor(specs.StateCreated, b.pid)
	if err != nil {
		return false, err
	}
	h := b.o.Spec.Hooks
	c := b.container()
	for i := range h.Prestart {
		if err := c.runHook("prestart", i, &h.Prestart[i], st, b.o.Bundle); err != nil {
			return false, err
		}
	}
	for i := range h.CreateRuntime {
		if err := c.runHook("createRuntime", i, &h.CreateRuntime[i], st, b.o.Bundle); err != nil {
			return false, err
		}
	}
	if op.N[1] == 0 {
		return false, nil
	}
	return true, b.goHooks(ch)
}

// goHooks lets init go on to hooks of its own: with the state for their stdin
// and a pipe for their stderr.
func (b *boot) goHooks(ch initproc.Channel) error {
	st, err := b.stateFor(specs.StateCreated, pidInside(b.pid))
	if err != nil {
		return err
	}
	if b.stderr != nil {
		b.stderr.Close()
	}
	b.stderr, err = b.container().sendHooks(ch, st)
	return err
}

// sendHooks answers with a state file, the write end of a stderr pipe or a file in its
// place, and a file for stdout if the config has one.
func (c *Container) sendHooks(ch initproc.Channel, st []byte) (*hooks.Output, error) {
	in, err := hooks.Input{State: st, Name: "creel-state"}.File()
	if err != nil {
		return nil, err
	}
	defer unix.Close(in)
	files := c.hookFiles()
	out, w, err := files.OpenStderr()
	if err != nil {
		return nil, err
	}
	defer unix.Close(w)
	fds := []int{in, w}
	if files.Stdout != "" {
		stdout, err := files.OpenStdout()
		if err != nil {
			out.Close()
			return nil, err
		}
		defer unix.Close(stdout)
		fds = append(fds, stdout)
	}
	if err := ch.Go(nil, fds...); err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// finish does everything that must have happened when create returns, before
// init goes on: into the wait for start, or to the process. Only now devices
// are limited: init mounted file systems that lie on some, and on v1, where the
// list is written line by line from "deny all" on, made its nodes.
func (b *boot) finish() error {
	if err := b.cg.ApplyDevices(b.deviceRules()); err != nil {
		return err
	}
	if err := b.cg.Apply(b.resources()); err != nil {
		return err
	}
	if err := b.setOOMScore(b.pid, b.o.Spec.Process.OOMScoreAdj); err != nil {
		return err
	}
	if err := b.recordCreated(); err != nil {
		return err
	}
	b.rt.debug("container %s is created, its init is process %d", b.o.ID, b.pid)
	return nil
}
