package cri

import (
	"strings"
	"testing"

	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// secured sets a container's security context.
func secured(s *runtime.LinuxContainerSecurityContext) Change {
	return func(c *runtime.ContainerConfig) {
		s.NamespaceOptions = c.Linux.SecurityContext.NamespaceOptions
		c.Linux.SecurityContext = s
	}
}

func TestTheUserTheGroupAndMoreGroupsAreThoseOfTheContext(t *testing.T) {
	p := begin(t).pod()
	p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{
		RunAsUser: &runtime.Int64Value{Value: 1234}, RunAsGroup: &runtime.Int64Value{Value: 2345}, SupplementalGroups: []int64{77, 88},
	})).says("1234 2345 2345 77 88", "echo $(id -u) $(id -g) $(id -G)")
	p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{RunAsUsername: "user"})).says("1000", "id -u")
}

func TestCapabilitiesOfTheContextAreAddedAndDropped(t *testing.T) {
	p := begin(t).pod()
	const effective = "grep CapEff /proc/1/status | cut -f 2"
	for want, caps := range map[string]*runtime.Capability{
		"00000000a80425fb": nil,
		"00000000a80435fb": {AddCapabilities: []string{"NET_ADMIN"}},
		"0000000000000000": {DropCapabilities: []string{"ALL"}},
		"0000000000000400": {DropCapabilities: []string{"ALL"}, AddCapabilities: []string{"NET_BIND_SERVICE"}},
	} {
		p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{Capabilities: caps})).says(want, effective)
	}
}

func TestAReadOnlyRootIsReadOnlyButForVolumes(t *testing.T) {
	k := begin(t)
	k.Host("mkdir " + k.Path("volume"))
	c := k.pod().container(sleep, secured(&runtime.LinuxContainerSecurityContext{ReadonlyRootfs: true}), func(c *runtime.ContainerConfig) {
		c.Mounts = []*runtime.Mount{{HostPath: k.Path("volume"), ContainerPath: "/volume"}}
	})
	c.says("read-only", "touch /x 2>/dev/null || echo read-only")
	c.says("written", "touch /volume/x && echo written")
}

func TestTheSeccompProfileIsTheContexts(t *testing.T) {
	k := begin(t)
	p := k.pod()
	profile := k.Path("profile.json")
	k.WriteFile(profile, `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":5}]}`, 0o644)
	for _, c := range []struct {
		profile      runtime.SecurityProfile_ProfileType
		ref          string
		script, want string
	}{
		{runtime.SecurityProfile_RuntimeDefault, "", "grep Seccomp: /proc/self/status | cut -f 2", "2"},
		{runtime.SecurityProfile_Unconfined, "", "grep Seccomp: /proc/self/status | cut -f 2", "0"},
		{runtime.SecurityProfile_Localhost, profile, "mkdir /x 2>&1 || true", "mkdir: can't create directory '/x': Input/output error"},
	} {
		p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{
			Seccomp: &runtime.SecurityProfile{ProfileType: c.profile, LocalhostRef: c.ref},
		})).says(c.want, c.script)
	}
}

func TestNoNewPrivilegesAreGainedWhereTheContextForbidsIt(t *testing.T) {
	p := begin(t).pod()
	const script = "grep NoNewPrivs /proc/self/status | cut -f 2"
	p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{NoNewPrivs: true})).says("1", script)
	p.container(sleep, secured(&runtime.LinuxContainerSecurityContext{})).says("0", script)
}

func TestMaskedAndReadOnlyPathsAreTheContexts(t *testing.T) {
	c := begin(t).pod().container(sleep, secured(&runtime.LinuxContainerSecurityContext{
		MaskedPaths: []string{"/proc/timer_list", "/etc/passwd"}, ReadonlyPaths: []string{"/proc/sys", "/tmp"},
	}))
	c.says("", "cat /etc/passwd")
	c.says("read-only", "touch /tmp/x 2>/dev/null || echo read-only")
}

func TestAPodsSecurityContextHoldsForItsSandbox(t *testing.T) {
	k := begin(t)
	p := k.pod(func(c *runtime.PodSandboxConfig) {
		c.Linux.SecurityContext.RunAsUser = &runtime.Int64Value{Value: 4321}
		c.Linux.SecurityContext.ReadonlyRootfs = true
	})
	if status := k.ProcFile(k.known(p.ID).Pid, "status"); !strings.Contains(status, "Uid:\t4321\t4321") {
		t.Error(status)
	}
}
