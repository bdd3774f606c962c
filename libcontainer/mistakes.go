package libcontainer

import (
	"errors"

	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Mistakes completes what spec.Validate found in a config by what Create would refuse in it:
// whoever has to correct a config wants to do it once. It may take as long as compiling
// a seccomp profile, and returns nil for nil.
func Mistakes(s *specs.Spec, found error) error {
	if found == nil {
		return nil
	}
	return spec.Together(found, refusals(s))
}

// allMistakes does the same for an error of one of the compilers, which is as it
// was if it is not about the config.
func allMistakes(s *specs.Spec, err error) error {
	if err == nil {
		return nil
	}
	return spec.Together(refusals(s), err)
}

// refusals asks both compilers, of plans and of profiles.
func refusals(s *specs.Spec) error {
	return errors.Join(compile.Check(s, configProbes(s)), profileMistakes(s))
}

// configProbes is probes, with those that are asked only for some configs.
func configProbes(s *specs.Spec) compile.Probes {
	have, p := probes(), s.Process
	have.AppArmor = p != nil && p.ApparmorProfile != "" && haveAppArmor()
	have.Resctrl = s.Linux != nil && s.Linux.IntelRdt != nil && haveResctrl()
	var process, mounts string
	if p != nil {
		process = p.SelinuxLabel
	}
	if s.Linux != nil {
		mounts = s.Linux.MountLabel
	}
	if have.SELinux = process+mounts != "" && haveSELinux(); have.SELinux {
		have.ProcessLabel, have.MountLabel = knownLabel(process), knownLabel(mounts)
	}
	return have
}

// profileMistakes compiles linux.seccomp for its errors.
func profileMistakes(s *specs.Spec) error {
	if s.Linux == nil || s.Linux.Seccomp == nil {
		return nil
	}
	_, err := seccomp.Load(s.Linux.Seccomp, seccomp.Options{})
	return err
}
