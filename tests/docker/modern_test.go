package docker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// What Docker has learnt since 20.10.

func TestABindMountsReadOnlinessReachesBelow(t *testing.T) {
	engines.Since(t, "dockerd", "25.0", "recursive read-only mounts")
	d := begin(t)
	dir := d.Path("data")
	d.Host("mkdir -p " + dir + "/below")
	d.MountTmpfs(dir + "/below")
	mount := "--mount type=bind,src=" + dir + ",dst=/d,readonly"
	const script = "touch /d/x 2>/dev/null && echo above; touch /d/below/x 2>/dev/null && echo below || echo none"
	d.runs(t, []run{
		{"by itself", mount, script, "^none$"},
		{"when it must", mount + ",bind-recursive=readonly,bind-propagation=rprivate", script, "^none$"},
		{"not below", mount + ",bind-recursive=writable", script, "^below$"},
		{"nothing below", mount + ",bind-recursive=disabled", "ls /d/below | wc -l", "^0$"},
	})
}

func TestAnnotationsReachTheRuntime(t *testing.T) {
	engines.Since(t, "dockerd", "24.0", "--annotation")
	d := begin(t)
	c := d.start("--annotation example.test/key=value", "sleep 1000")
	state := d.Host(engines.Runtime() + " --root " + d.on.Path("exec") + "/runtime-*/moby state " + c)
	if !strings.Contains(state, `"example.test/key": "value"`) {
		t.Error(state)
	}
}

// accelerator is a device of the Container Device Interface, as vendors install theirs.
const accelerator = `{"cdiVersion": "0.6.0", "kind": "tests.example/accelerator", "devices": [{"name": "one", "containerEdits": {
	"env": ["ACCELERATOR=one"], "deviceNodes": [{"path": "/dev/accelerator", "hostPath": "/dev/fuse", "permissions": "rw"}],
	"hooks": [{"hookName": "createContainer", "path": "/bin/sh", "args": ["sh", "-c", "cat >%s"]}]}}]}`

func TestADeviceOfAVendorComesWithItsHooks(t *testing.T) {
	engines.Since(t, "dockerd", "28.2", "the Container Device Interface without configuration")
	d := begin(t)
	seen := d.Path("seen")
	d.Host("mkdir -p /etc/cdi")
	d.WriteFile("/etc/cdi/tests.json", fmt.Sprintf(accelerator, seen), 0o644)
	d.Cleanup(func() { d.Host("rm -r /etc/cdi") })
	on := further(t, "cdi")
	on.runs(t, []run{{"device", "--device tests.example/accelerator=one", ": <>/dev/accelerator && echo $ACCELERATOR", "^one$"}})
	if state := d.Host("cat " + seen); !strings.Contains(state, `"bundle"`) {
		t.Error(state)
	}
}
