package conformance

import (
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestFailingHook(t *testing.T) {
	for _, kind := range []string{"prestart", "createRuntime", "createContainer"} {
		each(t, kind, func(c *C) {
			dir, logged := c.log()
			cgroup, inCgroup := c.cgroup()
			c.refused(c.Bundle(harness.Script("echo ran >"+dir+"/program"), logged, inCgroup,
				hooks(kind, "exit 3"), hooks("poststop", "echo ran >"+dir+"/poststop")))
			if read(dir+"/program") != "" {
				c.Error("the program was run")
			}
			if left := cgroups(cgroup); len(left) > 0 {
				c.Errorf("there are %q", left)
			}
			if read(dir+"/poststop") == "" {
				c.Error("the poststop hook was not run")
			}
		})
	}
	for _, kind := range []string{"startContainer", "poststart"} {
		each(t, kind, func(c *C) {
			dir, logged := c.log()
			id := c.ID()
			c.Ok(c.Creel("create", "--bundle", c.Bundle(harness.Script("echo ran >"+dir+"/program; exec sleep 1000"), logged,
				hooks(kind, "exit 3"), hooks("poststop", "echo ran >"+dir+"/poststop")), id))
			c.fails("start", c.Creel("start", id))
			if kind == "startContainer" && read(dir+"/program") != "" {
				c.Error("the program was run")
			}
			// What is left of it, engines may still look at.
			if s := c.Creel("state", id); s.Status == 0 {
				c.WaitFor(id, "stopped")
				c.Ok(c.Creel("delete", id))
			}
			if read(dir+"/poststop") == "" {
				c.Error("the poststop hook was not run")
			}
		})
	}
	each(t, "poststop", func(c *C) {
		dir, logged := c.log()
		k := c.Started(c.Bundle(looks, logged, hooks("poststop", "echo one >>"+dir+"/log; exit 3"), hooks("poststop", "echo two >>"+dir+"/log")))
		c.WaitFor(k.ID, "stopped")
		c.Ok(c.Creel("delete", k.ID))
		if got := read(dir + "/log"); got != "one\ntwo\n" {
			c.Errorf("the hooks wrote %q", got)
		}
		c.fails("state", c.Creel("state", k.ID))
	})
}
