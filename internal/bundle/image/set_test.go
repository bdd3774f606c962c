package image

import (
	"encoding/json"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestIndexesThatNameEachOtherManyTimesAreRefused(t *testing.T) {
	b := newBuilder(t)
	d := b.blob(types.OCIImageIndex, []byte(`{"schemaVersion":2,"manifests":[]}`))
	for range MaxDepth - 1 {
		one, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		d = b.blob(types.OCIImageIndex, []byte(`{"schemaVersion":2,"manifests":[`+strings.Repeat(string(one)+",", 999)+string(one)+`]}`))
	}
	b.index.Manifests = []v1.Descriptor{d}
	text, err := json.Marshal(b.index)
	if err != nil {
		t.Fatal(err)
	}
	b.write("index.json", text)
	if _, err := SetFromLayout(b.dir, ""); err == nil || !strings.Contains(err.Error(), "as often as it is in it") {
		t.Error(err)
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
