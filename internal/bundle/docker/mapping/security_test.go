package mapping

import (
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestSecurityOptionsAreTheContainers(t *testing.T) {
	opt := func(text string) string { return `{"HostConfig":{"SecurityOpt":["` + text + `"]}}` }
	rows(t, []row{
		{"new privileges are allowed", `{}`, "process/noNewPrivileges", "", nil},
		{"or not", opt("no-new-privileges"), "process/noNewPrivileges", "true", nil},
		{"or not, in other words", opt("no-new-privileges=true"), "process/noNewPrivileges", "true", nil},
		{"or not, in old words", opt("no-new-privileges:true"), "process/noNewPrivileges", "true", nil},
		{"or expressly", opt("no-new-privileges=false"), "process/noNewPrivileges", "", nil},
		{"AppArmor's profile is Docker's", `{}`, "process/apparmorProfile", `"docker-default"`, nil},
		{"or what Docker noted", `{"AppArmorProfile":"lab"}`, "process/apparmorProfile", `"lab"`, nil},
		{"or as given", opt("apparmor=mine"), "process/apparmorProfile", `"mine"`, nil},
		{"or none for privileged ones", `{"HostConfig":{"Privileged":true}}`, "process/apparmorProfile", `"unconfined"`, nil},
		{"or nothing without AppArmor", `{"AppArmorProfile":"docker-default"}`, "process/apparmorProfile", "", old},
		{"SELinux has labels", `{"ProcessLabel":"p","MountLabel":"m"}`, "process/selinuxLabel", `"p"`, nil},
		{"for mounts as well", `{"ProcessLabel":"p","MountLabel":"m"}`, "linux/mountLabel", `"m"`, nil},
		{"or nothing without SELinux", `{"ProcessLabel":"p"}`, "process/selinuxLabel", "", old},
		{"a filter that is switched off", opt("seccomp=unconfined"), "linux/seccomp", "", nil},
		{"or was, in old words", opt("seccomp:unconfined"), "linux/seccomp", "", nil},
		{"a privileged one has none", `{"HostConfig":{"Privileged":true}}`, "linux/seccomp", "", nil},
		{"a profile that is none", opt(`seccomp={}`), "linux/seccomp", "", nil},
		{"a profile of the specification", opt(`seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ERRNO\"}]}`),
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["sync"],"action":"SCMP_ACT_ERRNO"}]}`, nil},
		{"a profile of Docker 1.10", opt(`seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"name\":\"sync\",\"action\":\"SCMP_ACT_ERRNO\"}]}`),
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["sync"],"action":"SCMP_ACT_ERRNO"}]}`, nil},
		{"a privileged one has what was asked for", `{"HostConfig":{"Privileged":true,"SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}"]}}`,
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW"}`, nil},
		{"a rule for other kernels is left out", opt(`seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"minKernel\":\"99.0\"}},{\"names\":[\"fsync\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"minKernel\":\"4.8\"}}]}`),
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["fsync"],"action":"SCMP_ACT_ERRNO"}]}`, nil},
		{"a rule for other capabilities is left out", opt(`seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},{\"names\":[\"fsync\"],\"action\":\"SCMP_ACT_ERRNO\",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}}]}`),
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["fsync"],"action":"SCMP_ACT_ERRNO"}]}`, nil},
		{"a rule for other processors is left out", opt(`seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"arches\":[\"s390x\"]}}]}`),
			"linux/seccomp", `{"defaultAction":"SCMP_ACT_ALLOW"}`, nil},
	})
}

func TestTheDefaultFilterIsDockersForTheContainersCapabilities(t *testing.T) {
	allows := func(patch, call string) bool {
		_, s, _, err := row{patch: patch}.make(t)
		if err != nil {
			t.Fatal(err)
		}
		if s.Linux.Seccomp == nil || s.Linux.Seccomp.DefaultAction != specs.ActErrno {
			t.Fatalf("%s: the filter is %v", patch, s.Linux.Seccomp)
		}
		return slices.ContainsFunc(s.Linux.Seccomp.Syscalls, func(r specs.LinuxSyscall) bool {
			return r.Action == specs.ActAllow && len(r.Args) == 0 && slices.Contains(r.Names, call)
		})
	}
	if !allows(`{}`, "read") || allows(`{}`, "setdomainname") {
		t.Error("without CAP_SYS_ADMIN, read(2) is to be allowed and setdomainname(2) is not")
	}
	if !allows(`{"HostConfig":{"CapAdd":["SYS_ADMIN"],"SecurityOpt":["seccomp=builtin"]}}`, "setdomainname") {
		t.Error("with CAP_SYS_ADMIN, setdomainname(2) is to be allowed")
	}
}

func TestAnnotationsAreTheLabels(t *testing.T) {
	rows(t, []row{
		{"image-spec has names", `{"Config":{"StopSignal":"SIGQUIT","ExposedPorts":{"80/tcp":{},"53/udp":{}}},"ImageManifestDescriptor":{"platform":{"architecture":"arm64","os":"linux"}}}`,
			"annotations", `{"org.opencontainers.image.os":"linux","org.opencontainers.image.stopSignal":"SIGQUIT",
			"org.opencontainers.image.exposedPorts":"53/udp,80/tcp","org.opencontainers.image.architecture":"arm64"}`, nil},
		{"labels are annotations", `{"Config":{"Labels":{"a":"1","b":"2"}},"HostConfig":{"Annotations":{"b":"3"}}}`, "annotations",
			`{"org.opencontainers.image.os":"linux","a":"1","b":"3"}`, nil},
		{"labels do not command the runtime", `{"Config":{"Labels":{"run.oci.hooks.stdout":"/etc/shadow","org.systemd.property.X":"1","run.oci.handler":"x"}}}`,
			"annotations", `{"org.opencontainers.image.os":"linux"}`, nil},
		{"who runs the container does", `{"HostConfig":{"Annotations":{"run.oci.keep_original_groups":"1"}}}`, "annotations",
			`{"org.opencontainers.image.os":"linux","run.oci.keep_original_groups":"1"}`, nil},
	})
}
