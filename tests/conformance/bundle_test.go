package conformance

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestBundleConfigIsInItsRoot(t *testing.T) {
	c := begin(t)
	bundle := c.Bundle(looks)
	c.Ok(c.Run(bundle))
	c.Must(os.Mkdir(bundle+"/config", 0o755))
	c.Must(os.Rename(bundle+"/config.json", bundle+"/config/config.json"))
	c.refused(bundle)
	c.Must(os.Rename(bundle+"/config/config.json", bundle+"/Config.json"))
	c.refused(bundle)
}

func TestOperationsAreSupported(t *testing.T) {
	c := begin(t)
	k := c.Create(c.Bundle(waits))
	c.Ok(c.Creel("state", k.ID))
	c.Ok(c.Creel("start", k.ID))
	k.Says("}\n")
	c.Ok(c.Creel("kill", k.ID, "TERM"))
	c.WaitFor(k.ID, "stopped")
	c.Ok(c.Creel("delete", k.ID))
	c.fails("state of a deleted container", c.Creel("state", k.ID))
}

func TestRootMustExist(t *testing.T) {
	c := begin(t)
	c.refused(c.Bundle(harness.Root(c.Path("nothing"))))
	c.WriteFile(c.Path("file"), "", 0o644)
	c.refused(c.Bundle(harness.Root(c.Path("file"))))
}

func TestReadonlyRoot(t *testing.T) {
	c := begin(t)
	_, own := c.ownRoot()
	readonly := func(s *S) { s.Root.Readonly = true }
	if root, _ := c.see(own, readonly).At("/"); !root.Has("ro") {
		t.Errorf("the root is mounted %q", root.Options)
	}
	if r := c.Run(c.Bundle(harness.Script("touch /file"), own, readonly)); r.Status == 0 {
		t.Error("a file was made in a read-only root")
	}
	c.Sh("touch /file", own)
}
