package image

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestIndexesThatNameEachOtherManyTimesAreRefused(t *testing.T) {
	l := imagetest.New(t)
	d := l.Blob(types.OCIImageIndex, []byte(`{"schemaVersion":2,"manifests":[]}`))
	for range MaxDepth - 1 {
		d = l.Blob(types.OCIImageIndex, indexOf(t, d, 1000))
	}
	l.Write("index.json", indexOf(t, d, 1))
	if _, err := InLayout(l.Dir).Set(""); err == nil || !strings.Contains(err.Error(), "as often as it is in it") {
		t.Error(err)
	}
}

// indexOf names a manifest so many times.
func indexOf(t *testing.T, d v1.Descriptor, times int) []byte {
	t.Helper()
	text, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: slices.Repeat([]v1.Descriptor{d}, times)})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOfManyNamesAnErrorTellsTheFirst(t *testing.T) {
	l := imagetest.New(t)
	for i := range 100 {
		l.Done(fmt.Sprint("name", i))
	}
	for _, name := range []string{"", "none"} {
		_, err := InLayout(l.Dir).Image(name, platform.Host())
		if err == nil || !strings.Contains(err.Error(), "name9 and 90 more") || strings.Contains(err.Error(), "name10") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAConfigThatIsNullIsNone(t *testing.T) {
	if c, err := ParseConfig([]byte(" null\n"), 0); err == nil {
		t.Errorf("%+v", c) // to repack it would write to a map that is not there
	}
}

func TestLayersOfASavedImageAreCountedBeforeTheyAreRead(t *testing.T) {
	_, err := new(blobs).manifest([]savedImage{{Layers: make([]string, maxLayers+1)}}, "")
	if err == nil || !strings.Contains(err.Error(), "layers: 1001 are more") {
		t.Error(err)
	}
}
