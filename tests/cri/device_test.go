package cri

import (
	"fmt"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestADeviceIsUsable(t *testing.T) {
	c := begin(t).pod().container(sleep, func(c *runtime.ContainerConfig) {
		c.Devices = []*runtime.Device{{HostPath: "/dev/net/tun", ContainerPath: "/dev/tunnel", Permissions: "rwm"}}
	})
	c.says("ok", "[ -c /dev/tunnel ] && : <>/dev/tunnel && echo ok")
}

// accelerator is a device of the Container Device Interface, as vendors install theirs.
const accelerator = `{"cdiVersion": "0.6.0", "kind": "tests.example/accelerator", "devices": [{"name": "one", "containerEdits": {
	"env": ["ACCELERATOR=one"],
	"deviceNodes": [{"path": "/dev/accelerator", "hostPath": "/dev/fuse", "permissions": "rw"}],
	"mounts": [{"hostPath": %[1]q, "containerPath": "/opt/driver", "options": ["ro", "bind"]}],
	"hooks": [{"hookName": "createContainer", "path": "/bin/sh", "args": ["sh", "-c", "cat >%[1]s/state"]}]}}]}`

func TestADeviceOfAVendorComesWithItsMountsAndHooks(t *testing.T) {
	engines.Since(t, "containerd", "2.0", "the Container Device Interface without configuration")
	k := begin(t)
	k.Host("mkdir -p /run/cdi " + k.Path("driver"))
	k.WriteFile("/run/cdi/tests.json", fmt.Sprintf(accelerator, k.Path("driver")), 0o644)
	k.Cleanup(func() { k.Host("rm -r /run/cdi") })
	c := k.pod().container(sleep, func(c *runtime.ContainerConfig) {
		c.CDIDevices = []*runtime.CDIDevice{{Name: "tests.example/accelerator=one"}}
	})
	c.says("one", "echo $ACCELERATOR")
	c.says("opened", ": <>/dev/accelerator && echo opened")
	c.says("read-only", "touch /opt/driver/x 2>/dev/null || grep -q "+c.ID+" /opt/driver/state && echo read-only")
}
