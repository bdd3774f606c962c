package image

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layout writes an image with large layers as an OCI layout.
func (b *b) layout(size int) string {
	b.Helper()
	dir := b.Path("layout")
	l, err := layout.Write(dir, empty.Index)
	b.Must(err)
	b.Must(l.AppendImage(b.busybox(b.noise("one", size), b.noise("two", size))))
	return dir
}

func TestABundleOfAnImageRunsInAUserNamespace(t *testing.T) {
	b := begin(t)
	b.Ok(b.bundle("unpack", "--no-terminal", "--userns", "300000:65536", "oci:"+b.layout(10), b.Path("bundle"), "id -u; touch /root/made; cat /proc/self/uid_map"))
	lines := strings.Fields(b.run(b.Path("bundle")))
	if strings.Join(lines, " ") != "0 0 300000 65536" {
		t.Errorf("inside: %q", lines)
	}
	for _, name := range []string{"", "bin/busybox", "root/made"} {
		st, err := os.Lstat(b.Path("bundle/rootfs", name))
		b.Must(err)
		if uid := st.Sys().(*syscall.Stat_t).Uid; uid != 300000 {
			t.Errorf("%q belongs to %d", name, uid)
		}
	}
}

func TestBundlesWithAnOverlayShareTheirLayers(t *testing.T) {
	b := begin(t)
	from := b.layout(1 << 20)
	for _, name := range []string{"one", "two"} {
		b.Ok(b.bundle("unpack", "--no-terminal", "--overlay", "oci:"+from, b.Path(name), "cat /mine; echo "+name+" >/mine; ls /two"))
		b.only(b.Path(name, "upper"))
	}
	layers, err := filepath.Glob(filepath.Join(b.store, "layers/sha256-*"))
	if err != nil || len(layers) != 3 {
		t.Errorf("layers %q: %v", layers, err)
	}
	for _, name := range []string{"one", "two"} {
		for range 2 {
			if got := b.run(b.Path(name)); !strings.HasSuffix(got, "/two\n") {
				t.Errorf("%s: %q", name, got)
			}
			b.only(b.Path(name, "rootfs")) // the poststop hook has unmounted it
			b.Ok(b.H.Program(program(), "mount", b.Path(name)))
		}
		text, err := os.ReadFile(b.Path(name, "rootfs/mine"))
		if err != nil || string(text) != name+"\n" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	// What changed over the layers becomes one.
	b.Ok(b.bundle("repack", b.Path("one"), "new:1"))
	for _, name := range []string{"one", "two"} {
		b.Ok(b.H.Program(program(), "unmount", b.Path(name)))
	}
	b.Ok(b.bundle("unpack", "--no-terminal", "new:1", b.Path("three"), "cat /mine"))
	if got := b.run(b.Path("three")); got != "one\n" {
		t.Errorf("repacked: %q", got)
	}
	b.Must(os.RemoveAll(b.Path("one")))
	b.Ok(b.bundle("gc"))
	if layers, _ = filepath.Glob(filepath.Join(b.store, "layers/sha256-*")); len(layers) != 3 {
		t.Errorf("while a bundle needs them: %q", layers)
	}
	b.Must(os.RemoveAll(b.Path("two")))
	b.Ok(b.bundle("gc"))
	if layers, _ = filepath.Glob(filepath.Join(b.store, "layers/sha256-*")); len(layers) != 0 {
		t.Errorf("when none does: %q", layers)
	}
}

func TestAnUnpackThatIsKilledIsDoneAgainAsAWhole(t *testing.T) {
	b := begin(t)
	from := b.layout(20 << 20)
	dir := b.Path("place")
	b.Must(os.Mkdir(dir, 0o755))
	for i := range 10 {
		for _, flag := range []string{"--overlay=false", "--overlay"} {
			p := b.start("unpack", "-q", flag, "oci:"+from, filepath.Join(dir, "bundle"))
			time.Sleep(time.Duration(i*20) * time.Millisecond)
			p.Process.Kill()
			if r := p.Result(); r.Status == 0 {
				if flag == "--overlay" {
					b.Host("umount " + filepath.Join(dir, "bundle/rootfs"))
				}
				b.Must(os.RemoveAll(filepath.Join(dir, "bundle")))
			} else if _, err := os.Lstat(filepath.Join(dir, "bundle")); err == nil { // killed in its last moment
				b.Host("umount " + filepath.Join(dir, "bundle/rootfs") + " 2>/dev/null || true")
				b.Must(os.RemoveAll(filepath.Join(dir, "bundle")))
			}
		}
	}
	b.Ok(b.bundle("unpack", "--no-terminal", "oci:"+from, filepath.Join(dir, "bundle")))
	b.only(dir, "bundle")
	if got := b.run(filepath.Join(dir, "bundle")); got != "hello from /tmp\n" {
		t.Errorf("it said %q", got)
	}
	b.Must(os.RemoveAll(filepath.Join(dir, "bundle")))
	b.Ok(b.bundle("gc"))
	b.only(filepath.Join(b.store, "layers"))
	b.only(filepath.Join(b.store, "bundles"))
}

func TestAnUnpackThatIsInterruptedLeavesNothing(t *testing.T) {
	b := begin(t)
	from := b.layout(30 << 20)
	dir := b.Path("place")
	b.Must(os.Mkdir(dir, 0o755))
	p := b.start("unpack", "oci:"+from, filepath.Join(dir, "bundle"))
	b.Eventually("it unpacks", func() bool {
		entries, _ := os.ReadDir(dir)
		return len(entries) > 0
	})
	b.Must(p.Process.Signal(syscall.SIGTERM))
	if r := p.Result(); r.Status == 0 { // it was faster
		b.only(dir, "bundle")
	} else {
		b.only(dir)
	}
}

func TestOneCommandRunsAnImage(t *testing.T) {
	b := begin(t)
	from := "oci:" + b.layout(10)
	for _, flags := range [][]string{nil, {"--overlay"}, {"--userns", "300000:65536"}} {
		r := b.bundle("run", append(append([]string{"-q"}, flags...), from, "echo $GREETING; exit 7")...)
		if r.Status != 7 || r.Stdout != "hello\n" || r.Stderr != "" {
			t.Errorf("%q: %v", flags, r)
		}
		b.only(filepath.Join(b.store, "run"))
	}
	b.Fails(b.bundle("run", "--user", "nobody-here", from), `there is no user "nobody-here"`)
	b.only(filepath.Join(b.store, "run"))
}

func TestAVolumeStartsWithWhatTheImageHasThere(t *testing.T) {
	b := begin(t)
	img, err := mutate.Config(b.busybox(b.files(map[string]string{"data/sub/file": "of the image"})), v1.Config{
		Cmd:     []string{"/bin/sh", "-c", "cat /data/sub/file; echo more >/data/more; grep -c ' /data tmpfs ' /proc/mounts; mkdir /fresh/x; stat -c %a /data"},
		Volumes: map[string]struct{}{"/data": {}, "/fresh": {}},
	})
	b.Must(err)
	ref := b.push("volume:1", img)
	for _, flags := range [][]string{{"--overlay=false"}, {"--userns", "300000:65536"}} {
		dir := b.Path("bundle" + flags[0])
		b.Ok(b.bundle("unpack", append(flags, "--no-terminal", ref, dir)...))
		if got := b.run(dir); got != "of the image1\n755\n" {
			t.Errorf("%q: it said %q", flags, got)
		}
		if _, err := os.Lstat(filepath.Join(dir, "rootfs/data/more")); err == nil {
			t.Errorf("%q: what was written is in the root", flags)
		}
	}
}

// ordinary returns what runs a program as an ordinary user, whose home is the directory home of the test.
func (b *b) ordinary() func(program string, args ...string) harness.Result {
	b.Helper()
	home := b.Path("home")
	b.Must(os.Mkdir(home, 0o755))
	b.Must(os.Chown(home, 1234, 1234))
	_, closed := b.put("home/.docker/config.json", "root's alone") // not read, hence no error
	return func(program string, args ...string) harness.Result {
		b.Helper()
		return b.GoProgram(func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1234, Gid: 1234}}
			c.Env = []string{"XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home, "HOME=" + filepath.Dir(filepath.Dir(closed)), "PATH=/usr/bin:/bin"}
			c.Dir = home
		}, program, args...).Result()
	}
}

func TestAnOrdinaryUserRunsAnImage(t *testing.T) {
	b := begin(t)
	ref := b.push("hello:1", b.busybox())
	home := b.Path("home")
	user := b.ordinary()
	b.Ok(user(program(), "unpack", "--no-terminal", ref, "bundle", "id -u; echo $GREETING"))
	r := b.Ok(user(harness.Program(), "--root", filepath.Join(home, "state"), "run", "--bundle", filepath.Join(home, "bundle"), b.ID()))
	if r.Stdout != "0\nhello\n" {
		t.Errorf("%v", r)
	}
	b.Fails(user(program(), "unpack", "--userns", "100000:65536", ref, "other"), "only root may")
	b.Fails(user(program(), "unpack", "--overlay", ref, "other"), "only root may")
	b.Fails(user(program(), "unpack", "--user", "user", ref, "other"), "1000 is not mapped")
	b.only(home, "bundle", "creel", "state")
}

func TestNothingIsLeftOfAnOrdinaryUsersContainerWhateverItMade(t *testing.T) {
	b := begin(t)
	ref := b.push("hello:1", b.busybox())
	user := b.ordinary()
	r := b.Ok(user(program(), "run", "-q", ref, "mkdir -p /closed/deeper; echo text >/closed/deeper/file; chmod 500 /closed/deeper; chmod 0 /closed"))
	if r.Stderr != "" {
		t.Errorf("%v", r)
	}
	b.only(b.Path("home/creel/run"))
}

func TestWhatAnImageCallsItsFilesDoesNotSpeakToTheTerminal(t *testing.T) {
	b := begin(t)
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	b.Must(w.WriteHeader(&tar.Header{Name: "\x1b[2Jfile", Typeflag: tar.TypeReg, Mode: 0o644, PAXRecords: map[string]string{"SCHILY.xattr.user.overlay.\x1b[1m": "y"}}))
	b.Must(w.Close())
	l := static.NewLayer(data.Bytes(), types.OCIUncompressedLayer)
	ref := b.push("named:1", b.busybox(l))
	for _, flag := range []string{"--overlay=false", "--overlay"} {
		r := b.Ok(b.bundle("unpack", "-q", "--no-terminal", flag, ref, b.Path("bundle"+flag)))
		if r.Stderr != "creel-bundle: warning: ?[2Jfile: attribute user.overlay.?[1m is left out: overlayfs would believe it\n" {
			t.Errorf("%s: %v", flag, r)
		}
	}
	b.Ok(b.H.Program(program(), "unmount", b.Path("bundle--overlay")))
	b.Fails(b.bundle("unpack", "oci:/none/\x1b[2J", b.Path("none")), "oci:/none/?[2J: ")
}
