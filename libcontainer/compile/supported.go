package compile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

var (
	errNoLSM     = errors.New("not enabled in this kernel")
	errNoResctrl = errors.New("linux.intelRdt: no resctrl file system is mounted")
)

// supported refuses what would otherwise be left out silently: a process that
// runs without a protection or a device that its config asks for is worse than
// one that does not run. All of it is told together, in the order of the fields.
func (b *builder) supported() error {
	var errs []error
	refuse := func(field, value string, err error) {
		if value != "" {
			errs = append(errs, fmt.Errorf("%s: %q: %w", field, value, err))
		}
	}
	p, l := b.Spec.Process, b.Spec.Linux
	if p == nil { // Check, of a config that validation refuses
		p = &specs.Process{}
	}
	if !b.Probes.AppArmor {
		refuse("process.apparmorProfile", p.ApparmorProfile, fmt.Errorf("AppArmor is %w", errNoLSM))
	}
	b.possibleLabel("process.selinuxLabel", p.SelinuxLabel, b.Probes.ProcessLabel, refuse)
	if p.ApparmorProfile != "" && p.SelinuxLabel != "" {
		refuse("process.selinuxLabel", p.SelinuxLabel, errors.New("there is process.apparmorProfile as well"))
	}
	for i := range b.list {
		if err := b.possible(&b.list[i]); err != nil {
			errs = append(errs, err)
		}
	}
	if _, err := b.cpus(); err != nil {
		errs = append(errs, err)
	}
	if l == nil {
		return errors.Join(errs...)
	}
	b.possibleLabel("linux.mountLabel", l.MountLabel, b.Probes.MountLabel, refuse)
	if l.IntelRdt != nil && !b.Probes.Resctrl {
		errs = append(errs, errNoResctrl)
	}
	if l.MemoryPolicy != nil {
		errs = append(errs, nodesError(l.MemoryPolicy))
	}
	if len(b.Inherit) > plan.MaxFDs-1 {
		errs = append(errs, errTooMany())
	}
	return errors.Join(errs...)
}

// possibleLabel refuses a label that SELinux does not have, or is not there for.
func (b *builder) possibleLabel(field, label string, wrong error, refuse func(field, value string, err error)) {
	switch {
	case !b.Probes.SELinux:
		refuse(field, label, fmt.Errorf("SELinux is %w", errNoLSM))
	case wrong != nil:
		refuse(field, label, wrong)
	}
}

// possible refuses a mount that this kernel, or any, cannot make.
func (b *builder) possible(m *mount) error {
	if !b.Probes.SetAttr && (m.RecAttrSet|m.RecAttrClr != 0 || b.idmapSlot(m) != plan.None) {
		return fmt.Errorf("%s.options: recursive attributes and id maps need mount_setattr(2), Linux 5.12: %w",
			m.source, unix.ENOSYS)
	}
	if !m.Remount {
		return b.tooLongForAll(m)
	}
	if words := slices.Concat(m.SuperFlags, m.SuperClear, m.Data); len(words) > 0 {
		return fmt.Errorf("%s.options: %q with remount: only options of the mount can be changed, not those of its file system: %w",
			m.source, words, unix.EOPNOTSUPP)
	}
	return nil
}
