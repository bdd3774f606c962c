package conformance

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// tmpfs is a mount of one with these options.
func tmpfs(destination string, options ...string) harness.Mutate {
	return harness.Mount(specs.Mount{Destination: destination, Type: "tmpfs", Source: "tmpfs", Options: options})
}

func TestMountsAreMadeInOrder(t *testing.T) {
	c := begin(t)
	first, second := c.Path("first"), c.Path("second")
	c.Must(os.MkdirAll(first+"/sub", 0o755))
	c.Must(os.MkdirAll(second+"/sub", 0o755))
	c.WriteFile(first+"/sub/name", "first", 0o644)
	c.WriteFile(second+"/sub/name", "second", 0o644)
	if got := c.Sh("cat /tmp/sub/name", harness.Bind(first, "/tmp"), harness.Bind(second, "/tmp")); got != "second" {
		t.Errorf("the last mount is %s", got)
	}
	if got := c.Sh("cat /tmp/sub/name", harness.Bind(first, "/tmp"), harness.Bind(second+"/sub", "/tmp/sub")); got != "second" {
		t.Errorf("the inner mount is %s", got)
	}
	if got := c.Sh("cat /tmp/sub/name", harness.Bind(second+"/sub", "/tmp"), harness.Bind(first, "/tmp")); got != "first" {
		t.Errorf("the outer mount is %s", got)
	}
}

func TestRelativeDestination(t *testing.T) {
	c := begin(t)
	if m, ok := c.see(tmpfs("tmp", "nosuid")).At("/tmp"); !ok || m.Type != "tmpfs" {
		t.Errorf("on /tmp there is %+v", m)
	}
}

func TestUnknownOptionsAreTheFilesystems(t *testing.T) {
	c := begin(t)
	m, _ := c.see(tmpfs("/tmp", "size=128k", "nosuid", "mode=711")).At("/tmp")
	if !m.Has("size=128k") || !m.Has("mode=711") {
		t.Errorf("the options are %q", m.Super)
	}
	c.refused(c.Bundle(waits, tmpfs("/tmp", "tmpfs-knows-no-such-option")))
}

// idmapped is a bind mount of a tree of root's, with mappings of its own.
func (c *C) idmapped(option string) harness.Mutate {
	c.Helper()
	source := c.Path("source")
	c.Must(os.Mkdir(source, 0o755))
	c.MountTmpfs(source)
	c.Must(os.Mkdir(source+"/sub", 0o755))
	c.MountTmpfs(source + "/sub")
	c.WriteFile(source+"/file", "", 0o644)
	c.WriteFile(source+"/sub/file", "", 0o644)
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 5000, Size: 10}}
	return harness.Mount(specs.Mount{Destination: "/tmp", Type: "none", Source: source, Options: []string{"rbind", option}, UIDMappings: ids, GIDMappings: ids})
}

func TestIdmapNeedsMappings(t *testing.T) {
	for _, option := range []string{"idmap", "ridmap"} {
		each(t, option, func(c *C) {
			source := c.Path("source")
			c.Must(os.Mkdir(source, 0o755))
			c.MountTmpfs(source)
			c.refused(c.Bundle(waits, harness.Bind(source, "/tmp", option)))
		})
	}
}

func TestMappingsComeInPairs(t *testing.T) {
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 5000, Size: 10}}
	for _, name := range []string{"uidMappings", "gidMappings"} {
		each(t, name, func(c *C) {
			mount := specs.Mount{Destination: "/tmp", Type: "none", Source: c.Path(), Options: []string{"bind", "idmap"}}
			if name == "uidMappings" {
				mount.UIDMappings = ids
			} else {
				mount.GIDMappings = ids
			}
			c.refused(c.Bundle(waits, harness.Mount(mount)))
		})
	}
}

func TestRootfsPropagation(t *testing.T) {
	for _, word := range []string{"shared", "slave", "private", "unbindable"} {
		each(t, word, func(c *C) {
			root, own := c.ownRoot()
			c.MountBind(root, root)
			c.Host("mount --make-shared " + root)
			m, _ := c.see(own, func(s *S) { s.Linux.RootfsPropagation = word }).At("/")
			has := strings.Join(m.Propagation, " ")
			right := map[string]bool{
				"shared": m.Propagates("shared:"), "slave": m.Propagates("master:") && !m.Propagates("shared:"),
				"private": has == "-" || has == "", "unbindable": has == "unbindable -" || has == "unbindable",
			}[word]
			if !right {
				c.Errorf("the root's propagation is %q", has)
			}
		})
	}
}
