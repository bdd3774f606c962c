package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestAnImageOfARegistryRuns(t *testing.T) {
	b := begin(t)
	ref := b.push("hello:1", b.busybox())
	r := b.Ok(b.bundle("pull", ref))
	if !strings.HasPrefix(r.Stdout, "sha256:") || !strings.Contains(r.Stderr, "layer ") {
		t.Errorf("%v", r)
	}
	b.Ok(b.bundle("unpack", "--no-terminal", "--pull", "never", ref, b.Path("bundle")))
	if got := b.run(b.Path("bundle")); got != "hello from /tmp\n" {
		t.Errorf("it said %q", got)
	}
}

func TestOneNameIsOfSeveralPlatforms(t *testing.T) {
	b := begin(t)
	var adds []mutate.IndexAddendum
	for _, p := range []string{"linux/arm64/v8", "linux/s390x", "linux/amd64"} {
		parsed, err := v1.ParsePlatform(p)
		b.Must(err)
		img := b.image(p, b.files(map[string]string{"platform": p}))
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: parsed}})
	}
	ref, err := name.ParseReference(registry + "/multi:1")
	b.Must(err)
	b.Must(remote.WriteIndex(ref, mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex)))
	for want, got := range map[string]string{"linux/amd64": "linux/amd64", "linux/arm64": "linux/arm64/v8", "linux/s390x": "linux/s390x"} {
		dir := b.Path(strings.ReplaceAll(want, "/", "-"))
		b.Ok(b.bundle("unpack", "--platform", want, ref.Name(), dir))
		text, err := os.ReadFile(filepath.Join(dir, "rootfs/platform"))
		if err != nil || string(text) != got {
			t.Errorf("%s: %q, %v", want, text, err)
		}
	}
	b.Fails(b.bundle("pull", "--platform", "linux/riscv64", ref.Name()), "there are linux/arm64/v8, linux/s390x, linux/amd64")
	if n := strings.Count(b.Ok(b.bundle("images")).Stdout, "multi:1"); n != 3 {
		t.Errorf("%d images are listed", n)
	}
}

func TestAPullThatIsKilledGoesOnTheNextTime(t *testing.T) {
	b := begin(t)
	ref := b.push("large:1", b.busybox(b.noise("a", 30<<20), b.noise("b", 30<<20), b.noise("c", 30<<20)))
	killed := 0
	for i := range 12 {
		p := b.start("pull", "-q", ref)
		time.Sleep(time.Duration(i*15) * time.Millisecond)
		p.Process.Kill()
		if p.Result().Status != 0 {
			killed++
		}
		if r := b.bundle("gc", "--dry-run"); r.Status != 0 && !strings.Contains(r.Stderr, "oci-layout") { // before it was made
			t.Fatal(r)
		}
	}
	if killed == 0 {
		t.Fatal("none was killed in time")
	}
	b.Ok(b.bundle("pull", ref))
	b.Ok(b.bundle("unpack", "--no-terminal", "--pull", "never", ref, b.Path("bundle")))
	if got := b.run(b.Path("bundle")); got != "hello from /tmp\n" {
		t.Errorf("it said %q", got)
	}
	if whole, half := b.blobs(); whole != 6 || half != 0 {
		t.Errorf("%d blobs, %d half there", whole, half)
	}
}

func TestADownloadIsResumedFromARealRegistry(t *testing.T) {
	b := begin(t)
	l := b.noise("a", 10<<20)
	ref := b.push("resumed:1", b.busybox(l))
	h, err := l.Digest()
	b.Must(err)
	blob, err := os.ReadFile(b.Path("registry/docker/registry/v2/blobs/sha256", h.Hex[:2], h.Hex, "data"))
	b.Must(err)
	b.Must(os.MkdirAll(filepath.Join(b.store, "ingest"), 0o700))
	b.Must(os.WriteFile(filepath.Join(b.store, "ingest", "sha256-"+h.Hex), blob[:7<<20], 0o600))
	r := b.Ok(b.bundle("pull", ref))
	if !strings.Contains(r.Stderr, ", resumed") {
		t.Errorf("%v", r)
	}
}

func TestPullsAtTheSameTimeShareTheirBlobs(t *testing.T) {
	b := begin(t)
	common := b.noise("common", 20<<20)
	refs := []string{b.push("one:1", b.busybox(common)), b.push("two:1", b.busybox(common, b.noise("own", 1<<20)))}
	var wait []func()
	for i := range 8 {
		p := b.start("pull", refs[i%2])
		wait = append(wait, func() { b.Ok(p.Result()) })
	}
	for _, w := range wait {
		w()
	}
	if whole, half := b.blobs(); whole != 2*2+3 || half != 0 {
		t.Errorf("%d blobs, %d half there", whole, half)
	}
	b.Ok(b.bundle("rmi", refs[1]))
	b.Ok(b.bundle("gc"))
	if whole, _ := b.blobs(); whole != 2+2 {
		t.Errorf("%d blobs are left of one image", whole)
	}
	b.Ok(b.bundle("unpack", "--pull", "never", refs[0], b.Path("bundle")))
}

func TestAnImageThatDoesNotFitLeavesNothing(t *testing.T) {
	b := begin(t)
	ref := b.push("large:1", b.busybox(b.noise("a", 30<<20)))
	small := b.Path("small")
	b.Must(os.Mkdir(small, 0o755))
	b.Host("mount -t tmpfs -o size=12m,mode=755 tmpfs " + small)
	t.Cleanup(func() { b.Host("umount " + small) })
	b.Fails(b.bundle("unpack", ref, filepath.Join(small, "bundle")), "no space left on device")
	b.only(small)
	b.store = filepath.Join(small, "store")
	b.Fails(b.bundle("pull", ref), "no space left on device")
	for _, d := range []string{"ingest"} {
		b.only(filepath.Join(b.store, d))
	}
	if r := b.Ok(b.bundle("images")); strings.Contains(r.Stdout, "large") {
		t.Errorf("%v", r)
	}
}

func TestWhatIsPushedRunsElsewhere(t *testing.T) {
	b := begin(t)
	ref := b.push("hello:1", b.busybox())
	b.Ok(b.bundle("unpack", "--no-terminal", ref, b.Path("first")))
	b.WriteFile(b.Path("first/rootfs/bin/greet"), "#!/bin/sh\necho greetings\n", 0o755)
	b.Must(os.Remove(b.Path("first/rootfs/bin/vi")))
	b.Ok(b.bundle("repack", b.Path("first"), registry+"/greet:2"))
	b.Ok(b.bundle("push", registry+"/greet:2"))
	b.store = b.Path("another")
	b.Ok(b.bundle("unpack", "--no-terminal", registry+"/greet:2", b.Path("second"), "greet; ls /bin/vi"))
	r := b.H.Creel("run", "--bundle", b.Path("second"), b.ID())
	if r.Stdout != "greetings\n" || !strings.Contains(r.Stderr, "vi: No such file") {
		t.Errorf("%v", r)
	}
}
