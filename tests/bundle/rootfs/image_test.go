package rootfs

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/creel-project/creel/tests/harness"
)

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// An image of layers of its own, in files by their names.
type image struct {
	files map[string][]byte
	order []string
}

func (m *image) add(name string, data []byte) {
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = data
	m.order = append(m.order, name)
}

func (m *image) blob(data []byte) (digestOf string) {
	m.add("blobs/sha256/"+digest(data), data)
	return "sha256:" + digest(data)
}

func (m *image) document(h *harness.H, v any) []byte {
	text, err := json.Marshal(v)
	h.Must(err)
	return text
}

type object = map[string]any

// describe is a descriptor of image-spec's.
func describe(mediaType, digestOf string, size int) object {
	return object{"mediaType": "application/vnd.oci.image." + mediaType, "digest": digestOf, "size": size}
}

// ociImage is an OCI layout, its layers packed by pack; change may spoil the digests of the layers in the manifest.
func ociImage(h *harness.H, pack func([]byte) []byte, change func(diffIDs, digests []string)) *image {
	m := &image{}
	var diffIDs, digests []string
	var sizes []int
	for _, l := range layers {
		plain := archive(h, l...)
		packed := pack(plain)
		diffIDs = append(diffIDs, "sha256:"+digest(plain))
		digests = append(digests, m.blob(packed))
		sizes = append(sizes, len(packed))
	}
	change(diffIDs, digests)
	document := func(mediaType string, v any) object {
		text := m.document(h, v)
		return describe(mediaType, m.blob(text), len(text))
	}
	config := document("config.v1+json", object{"os": "linux", "architecture": runtime.GOARCH, "rootfs": object{"type": "layers", "diff_ids": diffIDs}})
	list := []object{}
	for i, d := range digests {
		list = append(list, describe("layer.v1.tar", d, sizes[i]))
	}
	here := document("manifest.v1+json", object{"schemaVersion": 2, "config": config, "layers": list})
	here["platform"] = object{"os": "linux", "architecture": runtime.GOARCH}
	other := document("manifest.v1+json", object{})
	other["platform"] = object{"os": "linux", "architecture": "vax"}
	m.add("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	m.add("index.json", m.document(h, object{"schemaVersion": 2, "manifests": []object{other, here}}))
	return m
}

// savedImage is what `docker save` wrote before it wrote layouts.
func savedImage(h *harness.H) *image {
	m := &image{}
	var diffIDs, names []string
	for _, l := range layers {
		data := archive(h, l...)
		diffIDs = append(diffIDs, "sha256:"+digest(data))
		names = append(names, digest([]byte("v1 id"+digest(data)))+"/layer.tar")
		m.add(names[len(names)-1], data)
	}
	config := m.document(h, object{"rootfs": object{"diff_ids": diffIDs}})
	m.add(digest(config)+".json", config)
	m.add("manifest.json", m.document(h, []object{{"Config": digest(config) + ".json", "RepoTags": []string{"x:1"}, "Layers": names}}))
	return m
}

// cranesImage is what crane(1) and kaniko write: the config comes first, and layers are compressed.
func cranesImage(h *harness.H) *image {
	m := &image{}
	var diffIDs, names []string
	packed := map[string][]byte{}
	for _, l := range layers {
		data := archive(h, l...)
		diffIDs = append(diffIDs, "sha256:"+digest(data))
		z := zipped(data)
		names = append(names, digest(z)+".tar.gz")
		packed[digest(z)+".tar.gz"] = z
	}
	config := m.document(h, object{"rootfs": object{"diff_ids": diffIDs}})
	m.add("sha256:"+digest(config), config)
	for _, name := range names {
		m.add(name, packed[name])
	}
	m.add("manifest.json", m.document(h, []object{{"Config": "sha256:" + digest(config), "RepoTags": []string{"x:1"}, "Layers": names}}))
	return m
}

func (m *image) tar(h *harness.H) []byte {
	var all []entry
	for _, name := range m.order {
		all = append(all, file(name, string(m.files[name])))
	}
	return archive(h, all...)
}

func (m *image) directory(h *harness.H) string {
	for _, name := range m.order {
		h.WriteFile(h.Path("layout", name), string(m.files[name]), 0o644)
	}
	return h.Path("layout")
}

func asIs(data []byte) []byte { return data }
func unchanged(_, _ []string) {}

// savedImages is what `docker save one:1 two:2` wrote before it wrote layouts: each has one file, which is named like it.
func savedImages(h *harness.H) *image {
	m := &image{}
	var manifest []object
	for _, name := range []string{"one:1", "two:2"} {
		layer := archive(h, file(name, ""))
		config := m.document(h, object{"rootfs": object{"diff_ids": []string{"sha256:" + digest(layer)}}})
		m.add(digest(layer)+"/layer.tar", layer)
		m.add(digest(config)+".json", config)
		manifest = append(manifest, object{"Config": digest(config) + ".json", "RepoTags": []string{name}, "Layers": []string{digest(layer) + "/layer.tar"}})
	}
	m.add("manifest.json", m.document(h, manifest))
	return m
}
