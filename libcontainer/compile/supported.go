package compile

import (
	"errors"
	"fmt"
)

var (
	errAbsent = errors.New("not supported by this version of creel")
	errNoLSM  = errors.New("not enabled in this kernel")

	errNoMountNS = errors.New(`linux.namespaces has none of type "mount"`)
)

// supported refuses what would otherwise be left out silently: a process that
// runs without a protection or a device that its config asks for is worse than
// one that does not run.
func supported(in *Input) error {
	var errs []error
	refuse := func(field, value string, err error) {
		if value != "" {
			errs = append(errs, fmt.Errorf("%s: %q: %w", field, value, err))
		}
	}
	p, l := in.Spec.Process, in.Spec.Linux
	if !in.Probes.AppArmor {
		refuse("process.apparmorProfile", p.ApparmorProfile, fmt.Errorf("AppArmor is %w", errNoLSM))
	}
	if !in.Probes.SELinux {
		refuse("process.selinuxLabel", p.SelinuxLabel, fmt.Errorf("SELinux is %w", errNoLSM))
	}
	if p.ApparmorProfile != "" && p.SelinuxLabel != "" {
		refuse("process.selinuxLabel", p.SelinuxLabel, errors.New("there is process.apparmorProfile as well"))
	}
	if readNamespaces(in.Spec).mnt == nsHost && len(in.Spec.Mounts) > 0 {
		errs = append(errs, fmt.Errorf("mounts: %d would be made on the host: %w", len(in.Spec.Mounts), errNoMountNS))
	}
	if l == nil {
		return errors.Join(errs...)
	}
	if !in.Probes.SELinux {
		refuse("linux.mountLabel", l.MountLabel, fmt.Errorf("SELinux is %w", errNoLSM))
	}
	if l.IntelRdt != nil {
		errs = append(errs, fmt.Errorf("linux.intelRdt: %w", errAbsent))
	}
	if l.MemoryPolicy != nil {
		errs = append(errs, fmt.Errorf("linux.memoryPolicy: %w", errAbsent))
	}
	if len(l.NetDevices) > 0 {
		errs = append(errs, fmt.Errorf("linux.netDevices: %w", errAbsent))
	}
	return errors.Join(errs...)
}
