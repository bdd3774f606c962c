package container

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// layers makes n directories with long names, each with a file of its number,
// and returns them as overlay's lowerdir wants them, the first one on top.
func layers(h *harness.H, n int, name string) string {
	h.Helper()
	var list []string
	for i := range n {
		dir := h.Path(fmt.Sprintf("%02d-%s", i, name))
		h.WriteFile(fmt.Sprintf("%s/layer%02d", dir, i), "", 0o644)
		h.WriteFile(dir+"/top", fmt.Sprint(i), 0o644)
		h.Must(os.Chmod(dir, 0o755))
		list = append(list, strings.NewReplacer(`\`, `\\`, ":", `\:`, ",", `\,`).Replace(dir))
	}
	return strings.Join(list, ":")
}

func overlay(options ...string) harness.Mutate {
	return harness.Mount(specs.Mount{Destination: "/mnt", Type: "overlay", Source: "overlay", Options: options})
}

// every is a script that says how many layers it sees, what is on top, and the
// mount's flags and propagation.
const every = `ls /mnt | grep -c layer; cat /mnt/top; echo; awk '$5 == "/mnt" { n++; f = $6; for (i = 7; $i != "-"; i++) f = f " " $i; print f, $(i+1), $(i+2) } END { print n }' /proc/self/mountinfo`

// fsconfig(2) takes at most 255 bytes of one value; images have more layers.
func TestAnOverlayMayHaveManyLayers(t *testing.T) {
	for name, c := range map[string]struct{ n, min, max int }{"some": {5, 256, 1000}, "many": {40, 1001, 4000}} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			lower := layers(h, c.n, "of-an-image-with-a-long-name")
			if len(lower) < c.min || len(lower) > c.max {
				t.Fatalf("lowerdir has %d bytes", len(lower))
			}
			want := fmt.Sprintf("%d\n0\nrw,nosuid,relatime overlay none\n1", c.n)
			if got := h.Sh(every, writable(h), overlay("lowerdir="+lower, "nosuid", "rprivate")); strings.Replace(got, "overlay overlay", "overlay none", 1) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestAnOverlayWithLongOptionsIsLikeOneWithShortOnes, in all that a mount has:
// the same words make the same line of mountinfo, but for the options themselves.
func TestAnOverlayWithLongOptionsIsLikeOneWithShortOnes(t *testing.T) {
	for _, words := range []string{"", "ro", "ro,nosuid,nodev,noexec", "noatime,nodiratime", "strictatime", "nosymfollow", "rro", "shared", "rslave", "private,ro", "unbindable", "sync", "dirsync,ro"} {
		t.Run(words, func(t *testing.T) {
			line := func(lower string, h *harness.H) string {
				for _, d := range []string{"upper", "work"} {
					h.Must(os.Mkdir(h.Path(d), 0o755))
				}
				return h.Sh(`awk '$5 == "/mnt" { f = $6; for (i = 7; $i != "-"; i++) { sub(":.*", "", $i); f = f " " $i }; s = $(i+3); sub(",lowerdir.*", "", s); print f, $(i+1), $(i+2), s }' /proc/self/mountinfo; touch /mnt/new 2>&1; true`,
					writable(h), overlay("lowerdir="+lower, "upperdir="+h.Path("upper"), "workdir="+h.Path("work"), words))
			}
			h := harness.New(t)
			short := line(layers(h, 1, "short"), h)
			h = harness.New(t)
			long := line(layers(h, 12, "of-an-image-with-a-long-name"), h)
			if short != long {
				t.Errorf("with short options:\n%s\nwith long ones:\n%s", short, long)
			}
		})
	}
}

func TestAnEscapedColonIsPartOfALayersName(t *testing.T) {
	h := harness.New(t)
	lower := layers(h, 12, `with:colons,commas\and-a-long-name`)
	if got := h.Sh("ls /mnt | grep -c layer; cat /mnt/top", writable(h), overlay("lowerdir="+lower)); got != "12\n0" {
		t.Errorf("got %q", got)
	}
}

func TestAnOverlayWithLongOptionsIsMountedInAUserNamespace(t *testing.T) {
	h := harness.New(t)
	lower := layers(h, 12, "of-an-image-with-a-long-name")
	if got := h.Sh("ls /mnt | grep -c layer; cat /mnt/top", shifted(h), overlay("lowerdir="+lower)); got != "12\n0" {
		t.Errorf("got %q", got)
	}
}

func TestATmpfsWithLongOptionsHasTheModeOfWhatItHides(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Mkdir(root+"/data", 0o755))
	h.Must(unix.Chmod(root+"/data", 0o1750))
	inodes := "nr_inodes=" + strings.Repeat("0", 300) + "144" // octal
	if got := h.Sh("stat -fc %T /data; stat -c %a /data; grep ' /data ' /proc/self/mounts | grep -c 'ro,.*size=64k,nr_inodes=100'; touch /data/x 2>/dev/null || echo read-only",
		harness.Root(root), tmpfs("/data", "size=64k", inodes, "ro")); got != "tmpfs\n1750\n1\nread-only" {
		t.Errorf("got %q", got)
	}
}

// TestOptionsOfMoreThanAPageAreRefused: mount(2) would cut them off.
func TestOptionsOfMoreThanAPageAreRefused(t *testing.T) {
	h := harness.New(t)
	lower := strings.Repeat("/of-an-image-with-a-long-name:", 140) + "/x"
	b := h.Bundle(overlay("lowerdir=" + lower))
	h.Fails(h.Run(b), "mounts[", "options", "4211 bytes", "at most 4095", "argument list too long")
}

func TestAnUnknownLongOptionIsRefused(t *testing.T) {
	h := harness.New(t)
	h.Fails(h.Run(h.Bundle(tmpfs("/tmp", "nonsense="+strings.Repeat("x", 300)))), "mounts[", "tmpfs → /tmp: mount tmpfs", "invalid argument")
	h.Fails(h.Run(h.Bundle(tmpfs("/etc/passwd", "nonsense="+strings.Repeat("x", 300)))), "mounts[", "tmpfs → /etc/passwd: ", "not a directory")
}
