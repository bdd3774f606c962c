package cli

import (
	"os"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/internal/version"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/opencontainers/runtime-spec/specs-go/features"
)

func (p *program) featuresCommand() *command {
	return &command{
		name: "features", usage: "show the enabled features",
		description: "features prints what this runtime supports as the JSON document of the runtime\n" +
			"specification (features.md).",
		action: p.features,
	}
}

func (p *program) features(*call) error {
	data, err := lazyjson.MarshalIndent(allFeatures(), "", "    ")
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(data, '\n'))
	return err
}

// allFeatures collects the document from the tables that the code itself uses.
func allFeatures() *features.Features {
	yes, filters := true, seccomp.Enabled()
	libseccomp, _ := seccomp.LibseccompVersion(seccomp.Options{})
	return &features.Features{
		OCIVersionMin: "1.0.0",
		OCIVersionMax: specs.Version,
		Hooks: []string{
			"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
		},
		MountOptions: spec.MountOptionWords(),
		Linux: &features.Linux{
			Namespaces:   compile.NamespaceTypes(),
			Capabilities: compile.Capabilities(),
			Cgroup: &features.Cgroup{
				V1: &yes, V2: &yes, Systemd: &yes, SystemdUser: &yes, Rdma: &yes,
			},
			Seccomp: &features.Seccomp{
				Enabled: &filters, Actions: seccomp.Actions(), Operators: seccomp.Operators(),
				Archs: seccomp.Architectures(), KnownFlags: seccomp.KnownFlags(), SupportedFlags: seccomp.SupportedFlags(),
			},
			Apparmor:        &features.Apparmor{Enabled: &yes},
			Selinux:         &features.Selinux{Enabled: &yes},
			IntelRdt:        &features.IntelRdt{Enabled: &yes, Schemata: &yes, Monitoring: &yes},
			MountExtensions: &features.MountExtensions{IDMap: &features.IDMap{Enabled: &yes}},
			MemoryPolicy:    &features.MemoryPolicy{Modes: compile.MemoryPolicyModes(), Flags: compile.MemoryPolicyFlags()},
			NetDevices:      &features.NetDevices{Enabled: &yes},
		},
		PotentiallyUnsafeConfigAnnotations: spec.Annotations(),
		Annotations: map[string]string{
			"io.github.creel-project.creel.version":      version.Version,
			"io.github.creel-project.creel.commit":       version.Commit,
			"io.github.seccomp.libseccomp.version":       libseccomp,
			"org.opencontainers.runc.checkpoint.enabled": "false",
		},
	}
}
