package image

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestAnImageForAnotherMachineIsTakenWhereAnyWillDo(t *testing.T) {
	b := imagetest.New(t)
	b.Config.Architecture = "s390x"
	b.Files("a", "")
	layout := b.Done("x")
	if _, err := InLayout(layout).Image("", platform.Host()); !errors.Is(err, platform.ErrNone) {
		t.Error(err)
	}
	m, err := InLayout(layout).Image("", platform.Any)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
}

func TestOfImagesWithSeveralNamesTheOnlyOneThatRunsIsTaken(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "")
	layout := b.Done("x")
	other := b.Index.Manifests[0]
	other.Annotations = map[string]string{store.RefName: "y"}
	here := platform.Host()
	b.Index.Manifests[0].Platform = &here
	for arch, want := range map[string]string{"s390x": "", here.Architecture: "it has 2 images, say which: x, y"} {
		other.Platform = &v1.Platform{OS: "linux", Architecture: arch}
		text, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: append(b.Index.Manifests, other)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write("index.json", text)
		for _, p := range []v1.Platform{here, platform.Any} {
			m, err := InLayout(layout).Image("", p)
			if err == nil {
				m.Close()
			}
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s for %s: %v", arch, p, err)
			}
		}
	}
}

func TestAConfigThatDoesNotMatchItsManifestIsRefused(t *testing.T) {
	for what, change := range map[string]func(*imagetest.Layout){
		"too few diff ids": func(b *imagetest.Layout) { b.Config.RootFS.DiffIDs = nil },
		"another rootfs":   func(b *imagetest.Layout) { b.Config.RootFS.Type = "snapshots" },
		"another platform": func(b *imagetest.Layout) { b.Config.Architecture = "m68k" },
	} {
		b := imagetest.New(t)
		b.Files("a", "")
		change(b)
		if _, err := InLayout(b.Done("x")).Image("", platform.Host()); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}
