package conformance

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/conformance/seen"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// On a tmpfs, an option of the table is the last of several: what it does is seen in
// the mount, and if it is not known tmpfs refuses it. A word to have is as mountinfo
// has it; with a ! it is one not to have; none is wanted where the kernel shows nothing.
var tmpfsOptions = map[string]string{
	"async":         "sync async → !sync",
	"atime":         "noatime atime → !noatime",
	"defaults":      "defaults →",
	"dev":           "nodev dev → !nodev",
	"diratime":      "nodiratime diratime → !nodiratime",
	"dirsync":       "dirsync → dirsync",
	"exec":          "noexec exec → !noexec",
	"iversion":      "iversion →",
	"lazytime":      "lazytime → lazytime",
	"loud":          "silent loud →",
	"noatime":       "noatime → noatime",
	"nodev":         "nodev → nodev",
	"nodiratime":    "nodiratime → nodiratime",
	"noexec":        "noexec → noexec",
	"noiversion":    "iversion noiversion →",
	"nolazytime":    "lazytime nolazytime → !lazytime",
	"norelatime":    "relatime norelatime →",
	"rnorelatime":   "relatime rnorelatime →",
	"nostrictatime": "strictatime nostrictatime → relatime",
	"nosuid":        "nosuid → nosuid",
	"nosymfollow":   "nosymfollow → nosymfollow",
	"relatime":      "relatime → relatime",
	"ro":            "ro → ro",
	"rw":            "ro rw → rw",
	"silent":        "silent →",
	"strictatime":   "strictatime → !relatime",
	"suid":          "nosuid suid → !nosuid",
	"symfollow":     "nosymfollow symfollow → !nosymfollow",
	"sync":          "sync → sync",
}

// A recursive option is seen in both mounts of a tree, which have the flags before
// the bar on the host.
var recursiveOptions = map[string]string{
	"ratime":         "noatime | ratime → !noatime",
	"rdev":           "nodev | rdev → !nodev",
	"rdiratime":      "nodiratime | rdiratime → !nodiratime",
	"rexec":          "noexec | rexec → !noexec",
	"rnoatime":       "relatime | rnoatime → noatime",
	"rnodiratime":    "diratime | rnodiratime → nodiratime",
	"rnoexec":        "exec | rnoexec → noexec",
	"rnostrictatime": "strictatime | rnostrictatime → relatime",
	"rnosuid":        "suid | rnosuid → nosuid",
	"rnosymfollow":   "symfollow | rnosymfollow → nosymfollow",
	"rrelatime":      "noatime | rrelatime → relatime",
	"rro":            "rw | rro → ro",
	"rrw":            "ro | rrw → !ro",
	"rstrictatime":   "relatime | rstrictatime → !relatime",
	"rsuid":          "nosuid | rsuid → !nosuid",
	"rsymfollow":     "nosymfollow | rsymfollow → !nosymfollow",
}

// A propagation option is seen in the bind mount of a shared mount, in a container
// whose rootfsPropagation is the word before the bar.
var propagationOptions = map[string]string{
	"private": "shared | private →", "rprivate": "shared | rprivate →",
	"shared": "private | shared → shared:", "rshared": "private | rshared → shared:",
	"slave": "shared | slave → master:", "rslave": "shared | rslave → master:",
	"unbindable": "shared | unbindable → unbindable", "runbindable": "shared | runbindable → unbindable",
}

// cut splits "before | options → want".
func cut(row string) (before string, options []string, want string) {
	row, want, _ = strings.Cut(row, "→")
	if left, right, ok := strings.Cut(row, "|"); ok {
		before, row = strings.TrimSpace(left), right
	}
	return before, strings.Fields(row), strings.TrimSpace(want)
}

// wants compares a mount with a word of the tables.
func (c *C) wants(m seen.Mount, want string) {
	c.Helper()
	not, negated := strings.CutPrefix(want, "!")
	if want != "" && m.Has(not) == negated {
		c.Errorf("%s is mounted %q, %q, which is not %s", m.Point, m.Options, m.Super, want)
	}
}

func TestMountOption(t *testing.T) {
	for name, row := range tmpfsOptions {
		each(t, name, func(c *C) {
			_, options, want := cut(row)
			m, ok := c.see(tmpfs("/tmp", options...)).At("/tmp")
			if !ok {
				c.Fatal("there is no such mount")
			}
			if want == "ro" || want == "rw" { // of the mount, whatever its filesystem says
				m.Super = nil
			}
			c.wants(m, want)
		})
	}
	for name, row := range recursiveOptions {
		each(t, name, func(c *C) {
			host, options, want := cut(row)
			r := c.see(harness.Mount(specs.Mount{Destination: "/tmp", Type: "none", Source: c.tree(host), Options: append([]string{"rbind"}, options...)}))
			for _, point := range []string{"/tmp", "/tmp/sub"} {
				m, ok := r.At(point)
				if !ok {
					c.Errorf("there is no mount on %s", point)
				}
				m.Super = nil
				c.wants(m, want)
			}
		})
	}
	for name, row := range propagationOptions {
		each(t, name, func(c *C) { c.propagates(row, strings.HasPrefix(name, "r")) })
	}
	for _, name := range []string{"bind", "rbind"} {
		each(t, name, func(c *C) {
			r := c.see(harness.Mount(specs.Mount{Destination: "/tmp", Type: "none", Source: c.tree(""), Options: []string{name}}))
			_, there := r.At("/tmp")
			_, deep := r.At("/tmp/sub")
			if !there || deep != (name == "rbind") {
				c.Errorf("mounted: %v, what is mounted in it: %v", there, deep)
			}
		})
	}
	each(t, "remount", func(c *C) {
		r := c.see(tmpfs("/tmp", "nosuid"), tmpfs("/tmp", "nosuid", "ro", "remount"))
		var at []seen.Mount
		for _, m := range r.Mounts {
			if m.Point == "/tmp" {
				at = append(at, m)
			}
		}
		if len(at) != 1 || !at[0].Has("ro") {
			c.Errorf("on /tmp there is %+v", at)
		}
	})
	each(t, "idmap", func(c *C) {
		if got := c.Sh("stat -c %u:%g /tmp/file", c.idmapped("idmap")); got != "5000:5000" {
			c.Errorf("a file of root's belongs to %s", got)
		}
	})
	each(t, "ridmap", func(c *C) {
		if got := c.Sh("stat -c %u:%g /tmp/file /tmp/sub/file", c.idmapped("ridmap")); got != "5000:5000\n5000:5000" {
			c.Errorf("files of root's belong to %s", got)
		}
	})
}

// tree is a mount on the host with another one in it, both with these flags.
func (c *C) tree(flags string) string {
	c.Helper()
	dir := c.Path("tree")
	c.Must(os.Mkdir(dir, 0o755))
	c.MountTmpfs(dir)
	c.Must(os.Mkdir(dir+"/sub", 0o755))
	c.MountTmpfs(dir + "/sub")
	if flags != "" {
		c.Host("mount -o remount,bind," + flags + " " + dir + "/sub; mount -o remount,bind," + flags + " " + dir)
	}
	return dir
}

func (c *C) propagates(row string, recursive bool) {
	c.Helper()
	rootfs, options, want := cut(row)
	tree := c.tree("")
	if want != "shared:" {
		c.Host("mount --make-shared " + tree + "; mount --make-shared " + tree + "/sub")
	}
	r := c.see(harness.Mount(specs.Mount{Destination: "/tmp", Type: "none", Source: tree, Options: append([]string{"rbind"}, options...)}),
		func(s *S) { s.Linux.RootfsPropagation = rootfs })
	points := []string{"/tmp"}
	if recursive {
		points = append(points, "/tmp/sub")
	}
	for _, point := range points {
		m, ok := r.At(point)
		got := strings.Join(m.Propagation, " ")
		if !ok || (want == "" && got != "") || !strings.HasPrefix(got, want) {
			c.Errorf("the propagation of %s is %q, not %q", point, got, want)
		}
	}
}
