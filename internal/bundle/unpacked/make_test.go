package unpacked

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/spec"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func options() Options { return Options{Rootless: os.Geteuid() != 0} }

// only reads the only image of a layout.
func only(t *testing.T, layout string) *image.Image {
	t.Helper()
	m, err := image.InLayout(layout).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// unpack unpacks the only image of a layout, and returns the bundle.
func unpack(t *testing.T, layout string, o Options) (string, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	_, err := Make(t.Context(), only(t, layout), dir, o, nil)
	return dir, err
}

// nothing looks that no trace of a bundle is left.
func nothing(t *testing.T, bundle string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(bundle))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left", e.Name())
	}
}

func TestABundleHasTheFilesAndTheConfigOfItsImage(t *testing.T) {
	b := imagetest.New(t)
	b.Files("etc/", "", "etc/a", "1", "l", "-> etc/a")
	dir, err := unpack(t, b.Done("x"), options())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"etc/a": "1", "l": "-> etc/a"}
	if got := imagetest.Tree(t, filepath.Join(dir, "rootfs")); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	s, err := spec.Load(dir)
	if err != nil || !slices.Equal(s.Process.Args, []string{"/bin/true"}) {
		t.Errorf("%v, %v", s, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
		t.Errorf("beside the bundle: %v", entries)
	}
}

func TestALayerThatIsDamagedLeavesNoBundle(t *testing.T) {
	b := imagetest.New(t)
	b.Files("first", "1")
	plain := imagetest.Tarball(t, "a", strings.Repeat("text ", 100_000))
	b.Layer(types.OCILayer, plain, imagetest.Gzip(t, plain)[:500])
	bundle, err := unpack(t, b.Done("x"), options())
	if err == nil || !strings.Contains(err.Error(), "layers[1], sha256:") {
		t.Error(err)
	}
	nothing(t, bundle)
}

func TestAnImageThatUnpacksToMoreThanIsAllowedLeavesNoBundle(t *testing.T) {
	b := imagetest.New(t)
	b.Files("bomb", strings.Repeat("\x00", 50<<20))
	b.Files("a", "", "b", "", "c", "")
	dir := b.Done("x")
	for _, l := range []rootfs.Limits{{Bytes: 1 << 20}, {Entries: 3}} {
		o := options()
		o.Limits = l
		bundle, err := unpack(t, dir, o)
		var limit *rootfs.LimitError
		if !errors.As(err, &limit) {
			t.Errorf("%+v: %v", l, err)
		}
		nothing(t, bundle)
	}
}

func TestABundleThatIsThereIsNotTouched(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "")
	m := only(t, b.Done("x"))
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := os.MkdirAll(filepath.Join(dir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), m, dir, options(), nil); err == nil {
		t.Error("it was unpacked there")
	}
	if err := os.Remove(filepath.Join(dir, "mine")); err != nil {
		t.Error(err)
	}
	if _, err := Make(t.Context(), m, dir, options(), nil); err != nil {
		t.Errorf("into an empty directory: %v", err)
	}
}

func TestWhatAKilledUnpackLeftIsRemoved(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "")
	m := only(t, b.Done("x"))
	dir := filepath.Join(t.TempDir(), "bundle")
	p, err := newDraft(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(p.temp, "rootfs/half/made"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), m, dir, options(), nil); err == nil || !strings.Contains(err.Error(), "another process unpacks there") {
		t.Errorf("while it is alive: %v", err)
	}
	p.lock.Close() // as the end of its process does
	if _, err := Make(t.Context(), m, dir, options(), nil); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
}

func TestAnUnpackThatIsInterruptedLeavesNothing(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "")
	m := only(t, b.Done("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "bundle")
	if _, err := Make(ctx, m, dir, options(), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	nothing(t, dir)
}

func TestAConfigThatNoContainerCanHaveLeavesNoBundle(t *testing.T) {
	for what, change := range map[string]func(*imagetest.Layout){
		"an unknown user": func(b *imagetest.Layout) { b.Config.Config.User = "nobody-here" },
		"bad environment": func(b *imagetest.Layout) { b.Config.Config.Env = []string{"A=\x00"} },
	} {
		b := imagetest.New(t)
		b.Files("etc/passwd", "root:x:0:0:::\n")
		change(b)
		dir, err := unpack(t, b.Done("x"), options())
		if err == nil {
			t.Errorf("%s was taken", what)
		}
		nothing(t, dir)
	}
}

func TestABundleIsRecordedInTheStore(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "")
	m := only(t, b.Done("x"))
	s := imagetest.Store(t)
	d, err := m.Import(t.Context(), s, "name")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := image.InStore(s).Image("name", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	if _, err := Make(t.Context(), stored, dir, options(), s); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Untag(t.Context(), "name"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	s.Close()
	if g, err := store.Collect(t.Context(), s.Dir(), false); err != nil || g.Blobs != 0 {
		t.Errorf("while the bundle is there: %+v, %v", g, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if g, err := store.Collect(t.Context(), s.Dir(), false); err != nil || g.Blobs != 3 || s.Has(d) {
		t.Errorf("when it is gone: %+v, %v", g, err)
	}
}
