package lifecycle

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// linkBeds are a link "link" to "file" on the host, and a root filesystem with a link /link to /real,
// for a container of root and for one with a user namespace.
func linkBeds(t *testing.T, test func(t *testing.T, h *harness.H, root harness.Mutate, dir string)) {
	for name, user := range map[string]harness.Mutate{
		"root": func(*specs.Spec) {}, "user namespace": harness.UserNS(100000, 65536),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			dir := h.OwnRoot()
			h.WriteFile(dir+"/real", "the container's\n", 0o644)
			h.Must(os.Symlink("real", dir+"/link"))
			h.Chown(dir, 100000, 100000)
			h.WriteFile(h.Path("file"), "the host's\n", 0o644)
			h.Must(os.Symlink("file", h.Path("link")))
			test(t, h, func(s *specs.Spec) { harness.Root(dir)(s); user(s) }, dir)
		})
	}
}

func TestABindMountFollowsLinksUnlessItsOptionsSayOtherwise(t *testing.T) {
	const look = "readlink /link; cat /link /real 2>&1"
	linkBeds(t, func(t *testing.T, h *harness.H, root harness.Mutate, dir string) {
		for options, want := range map[string]string{
			"": "real\nthe host's\nthe host's",
			// a file lies on the link, which cannot be read any more
			"dest-nofollow": "the host's\nthe container's",
			// the link lies on the link
			"src-nofollow,dest-nofollow": "file\ncat: can't open '/link': No such file or directory\nthe container's",
			// the link lies where the container's leads: on /real
			"src-nofollow": "real\ncat: can't open '/link': No such file or directory\ncat: can't open '/real': No such file or directory",
		} {
			b := h.Bundle(root, harness.Script(look+"; true"), harness.Bind(h.Path("link"), "/link", options))
			expect(t, h.Ok(h.Run(b)).Stdout, want+"\n")
		}
	})
}

func TestAMountThatDoesNotFollowItsDestinationNeedsOne(t *testing.T) {
	linkBeds(t, func(t *testing.T, h *harness.H, root harness.Mutate, dir string) {
		h.Fails(h.Run(h.Bundle(root, harness.Bind(h.Path("file"), "/missing", "dest-nofollow"))),
			h.Path("file")+" → /missing: open mount point: no such file or directory")
		if _, err := os.Lstat(dir + "/missing"); err == nil {
			t.Error("it was made")
		}
		// a directory does not fit a link; links before the end are followed, inside the root
		h.Fails(h.Run(h.Bundle(root, harness.Bind(h.Path(), "/link", "dest-nofollow"))), "/link: mount: not a directory")
		h.Must(os.Symlink("/tmp", dir+"/way"))
		h.Must(os.Symlink("nowhere", dir+"/tmp/end"))
		b := h.Bundle(root, harness.Script("cat /tmp/end"), harness.Bind(h.Path("file"), "/way/end", "dest-nofollow"))
		expect(t, h.Ok(h.Run(b)).Stdout, "the host's\n")
	})
}

func TestALinkIsCopiedInsteadOfMounted(t *testing.T) {
	linkBeds(t, func(t *testing.T, h *harness.H, root harness.Mutate, dir string) {
		// a second time the same link is there already
		for range 2 {
			b := h.Bundle(root, harness.Script("readlink /new/link; grep -c new /proc/self/mountinfo; cat /copied/file"),
				harness.Bind(h.Path("link"), "/new/link", "copy-symlink"), harness.Bind(h.Path("file"), "/copied/file", "copy-symlink"))
			r := h.Run(b)
			expect(t, r.Stdout, "file\n0\nthe host's\n")
		}
		for _, dest := range []string{"/link", "/real", "/tmp"} {
			h.Fails(h.Run(h.Bundle(root, harness.Bind(h.Path("link"), dest, "copy-symlink"))), dest+": copy the link to file: file exists")
		}
		h.Fails(h.Run(h.Bundle(root, harness.Bind(h.Path("absent"), "/absent", "copy-symlink"))), "open source: no such file or directory")
	})
}

// A link in the root filesystem must not lead the mount onto procfs (CVE-2019-16884).
func TestAMountThatDoesNotFollowItsDestinationStaysOffProcfs(t *testing.T) {
	linkBeds(t, func(t *testing.T, h *harness.H, root harness.Mutate, dir string) {
		h.Must(os.Symlink("/proc", dir+"/way"))
		for _, dest := range []string{"/way/self", "/way/version"} {
			h.Fails(h.Run(h.Bundle(root, harness.Bind(h.Path("file"), dest, "dest-nofollow"))), "open mount point: operation not permitted")
		}
	})
}
