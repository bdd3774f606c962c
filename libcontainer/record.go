package libcontainer

import (
	"os"
	"time"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// newRecord describes a container that is about to be made.
func (b *boot) newRecord(cg cgroups.Record) *state.Record {
	s := b.o.Spec
	r := &state.Record{
		ID: b.o.ID, OCIVersion: s.Version, Bundle: b.o.Bundle, Rootfs: b.o.rootfs(),
		Created:     time.Now().UTC().Format(time.RFC3339Nano),
		Annotations: s.Annotations,
		CreatorPid:  os.Getpid(),
		Expendable:  b.rt.Expendable,
		Cgroup:      cg,
		PrivatePid:  PrivatePid(s), NoNewKeyring: b.o.NoNewKeyring,
		CheckMemory: checksMemory(b.resources()),
		Listener:    listenerOf(s, b.o.Bundle),
	}
	if b.rdt != nil {
		group := b.rdt.Record()
		r.RDT = &group
	}
	r.CreatorStart, _ = procstat.StartTime(r.CreatorPid)
	if s.Hooks != nil {
		r.StartContainer = len(s.Hooks.StartContainer) > 0
		r.Poststart, r.Poststop = s.Hooks.Poststart, s.Hooks.Poststop
	}
	return r
}

// recordCgroup adds to the record what was not known of the cgroup before it was made.
func (b *boot) recordCgroup() error {
	planned := b.rec.Cgroup
	b.rec.Cgroup = b.cg.Record()
	if !b.rt.NoCgroup {
		b.rt.debug("cgroup of container %s is made: %s", b.o.ID, b.rec.Cgroup.Path)
	}
	if len(b.rec.Cgroup.Existed)+len(b.rec.Cgroup.Made) == 0 && b.rec.Cgroup.Path == planned.Path {
		return nil
	}
	return b.dir.Write(b.rec)
}

// PrivatePid says whether the container has a pid namespace that ends with its
// init, which is also the parent of its orphans.
func PrivatePid(s *specs.Spec) bool {
	if s.Linux == nil {
		return false
	}
	for _, ns := range s.Linux.Namespaces {
		if ns.Type == specs.PIDNamespace {
			return ns.Path == ""
		}
	}
	return false
}

// keep writes down what exec will need.
func (b *boot) keep(f compile.Filter) error {
	if len(f.Program) > 0 {
		if err := b.dir.WriteFilter(f.Program, f.Flags); err != nil {
			return err
		}
	}
	return b.dir.WriteConfig(compile.Kept(b.o.Spec))
}

func (b *boot) known() error { return b.draftRecord() }

// checksMemory says whether limits on memory are compared with what is in use before they are set.
func checksMemory(r *specs.LinuxResources) bool {
	return r != nil && r.Memory != nil && r.Memory.CheckBeforeUpdate != nil && *r.Memory.CheckBeforeUpdate
}

// draftRecord writes the record of the created container as soon as init's pid
// is known, while init is at work. Only its renaming is left for later.
func (b *boot) draftRecord() error {
	ticks, err := procstat.StartTime(b.pid)
	if err != nil {
		return err
	}
	b.start = ticks
	b.created = *b.rec
	b.created.Pid, b.created.StartTime = b.pid, ticks
	b.draft, err = b.dir.Draft(&b.created)
	return err
}

// recordCreated writes what create leaves for the other commands: init's
// identity, the pid file and the pidfd.
func (b *boot) recordCreated() error {
	if err := b.draft.Commit(); err != nil {
		return err
	}
	*b.rec = b.created
	return b.announce(b.o.PidfdSocket, b.o.PidFile)
}

// keepPidfd hands init's pidfd to the Container.
func (b *boot) keepPidfd() int {
	fd := b.pidfd
	b.pidfd = -1
	return fd
}

// stateFor is the state that hooks read while the container is being made; pid
// is init's in the namespace that the hooks run in.
func (b *boot) stateFor(status specs.ContainerState, pid int) ([]byte, error) {
	return b.container().stateJSON(status, pid)
}

// container is what there is of the container so far.
func (b *boot) container() *Container {
	return &Container{rt: b.rt, id: b.o.ID, dir: b.dir, rec: b.rec, pidfd: -1}
}
