package cri

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// privileged runs a container of a privileged pod.
func privileged(t *testing.T, change ...Change) *Container {
	t.Helper()
	p := begin(t).pod(func(c *runtime.PodSandboxConfig) { c.Linux.SecurityContext.Privileged = true })
	return p.container(sleep, append([]Change{func(c *runtime.ContainerConfig) { c.Linux.SecurityContext.Privileged = true }}, change...)...)
}

func TestAPrivilegedContainerMayDoWhatItsEngineMay(t *testing.T) {
	c := privileged(t)
	status, err := os.ReadFile("/proc/self/status")
	c.Must(err)
	for line := range strings.Lines(string(status)) {
		if caps, ok := strings.CutPrefix(line, "CapEff:\t"); ok { // containerd's as well
			c.says(strings.TrimSpace(caps), "grep CapEff /proc/1/status | cut -f 2")
		}
	}
	c.says("0", "grep Seccomp: /proc/1/status | cut -f 2")
	c.says("mounted", "mkdir /m && mount -t tmpfs none /m && echo mounted")
}

func TestAPrivilegedContainerHasTheHostsDevices(t *testing.T) {
	c := privileged(t)
	c.says("opened", ": <>/dev/fuse && echo opened")
	c.says("made", "mknod /fuse c 10 229 && : <>/fuse && echo made")
	if harness.V2() {
		return // there a filter decides, which what was opened has passed
	}
	if list := c.cgroup("devices", "devices.list"); list != "a *:* rwm" {
		t.Error(list)
	}
}

func TestAPrivilegedContainerSeesAllOfSysAndProc(t *testing.T) {
	engines.Differs(t, "runc", "the read-only sysfs of a pod's sandbox makes that of its containers read-only")
	c := privileged(t)
	c.says("", "grep -e ' /sys sysfs ro' -e ' /proc/' /proc/mounts || true")
	c.says("written", "cat /proc/sys/kernel/domainname > /proc/sys/kernel/domainname && echo written")
}

func TestAPrivilegedContainersMountsReachTheHost(t *testing.T) {
	k := begin(t)
	dir := k.Path("shared")
	k.Host("mkdir -p " + dir + "/below")
	k.Cleanup(func() { k.Host("umount -l " + dir + "/below 2>/dev/null || true") })
	p := k.pod(func(c *runtime.PodSandboxConfig) { c.Linux.SecurityContext.Privileged = true })
	c := p.container(sleep, func(c *runtime.ContainerConfig) {
		c.Linux.SecurityContext.Privileged = true
		c.Mounts = []*runtime.Mount{{HostPath: dir, ContainerPath: "/shared", Propagation: runtime.MountPropagation_PROPAGATION_BIDIRECTIONAL}}
	})
	c.says("", "mount -t tmpfs none /shared/below && touch /shared/below/from-inside")
	if _, err := os.Stat(dir + "/below/from-inside"); err != nil {
		t.Error(err)
	}
}
