package containerd

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// containerd asks for the features by the shim, which asks the runtime.
func TestTheRuntimesFeaturesAreInspected(t *testing.T) {
	c := begin(t)
	engines.Since(t, "containerd", "2.0", "ctr plugins inspect-runtime")
	r := c.Ok(c.ctr("plugins", "inspect-runtime", "--runc-binary", engines.Runtime()))
	for _, want := range []string{`"ociVersionMin": "1.0.0"`, `"mountOptions"`, `"idmap": {`} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("no %s in %s", want, r.Stdout)
		}
	}
}

func TestAMountIsRecursivelyReadOnly(t *testing.T) {
	c := begin(t)
	dir := c.Path("data")
	c.Host("mkdir -p " + dir + "/below")
	c.MountTmpfs(dir + "/below")
	for options, want := range map[string]string{"rbind:ro": "below", "rbind:rro": "none"} {
		c.prints(want, "touch /d/x 2>/dev/null && echo above; touch /d/below/x 2>/dev/null && echo below || echo none",
			"--mount", "type=bind,src="+dir+",dst=/d,options="+options)
	}
}

func TestAMountsIDsAreThoseOfTheUserNamespace(t *testing.T) {
	c := begin(t)
	engines.DiffersBefore(t, "runc", "1.2", "it cannot map the ids of mounts")
	dir := c.Path("data")
	c.Host("mkdir " + dir + " && touch " + dir + "/file")
	c.prints("0", "stat -c %u /d/file", "--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536",
		"--mount", "type=bind,src="+dir+",dst=/d,options=rbind:idmap")
}
