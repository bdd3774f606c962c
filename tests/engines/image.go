package engines

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

// An Image is an image of busybox. The fields are those of the image specification's config.
type Image struct {
	// Name is "docker.io/library/NAME:TAG".
	Name       string              `json:"-"`
	Cmd        []string            `json:",omitempty"`
	Entrypoint []string            `json:",omitempty"`
	Env        []string            `json:",omitempty"`
	User       string              `json:",omitempty"`
	WorkingDir string              `json:",omitempty"`
	Volumes    map[string]struct{} `json:",omitempty"`
	StopSignal string              `json:",omitempty"`
	// Change, unless nil, may change the root filesystem.
	Change func(root string) error `json:"-"`
}

// Rootfs writes the root filesystem of an image as a tar archive.
func (i Image) Rootfs(path string) error {
	root, err := os.MkdirTemp(dir, "rootfs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := os.Chmod(root, 0o755); err != nil {
		return err
	}
	if err := harness.MakeRootfs(root); err != nil {
		return err
	}
	if i.Change != nil {
		if err := i.Change(root); err != nil {
			return err
		}
	}
	return writeTar(path, func(w *tar.Writer) error { return w.AddFS(os.DirFS(root)) })
}

// Archive writes the image as an OCI layout that is a docker archive as well: `ctr images import`, `docker load` and
// `podman load` take it.
func (i Image) Archive(path string) error {
	if i.Env == nil {
		i.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} // as every image has
	}
	layerFile := path + ".layer"
	if err := i.Rootfs(layerFile); err != nil {
		return err
	}
	defer os.Remove(layerFile)
	layer, err := os.ReadFile(layerFile)
	if err != nil {
		return err
	}
	type object = map[string]any
	a := archive{}
	l := a.add("application/vnd.oci.image.layer.v1.tar", layer)
	config := a.add("application/vnd.oci.image.config.v1+json", marshal(object{
		"architecture": runtime.GOARCH, "os": "linux", "config": i,
		"rootfs": object{"type": "layers", "diff_ids": []string{l.Digest}},
	}))
	manifest := a.add(manifestType, marshal(object{
		"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": []descriptor{l},
	}))
	manifest.Annotations = map[string]string{"io.containerd.image.name": i.Name, "org.opencontainers.image.ref.name": i.tag()}
	a.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	a.file("index.json", marshal(object{"schemaVersion": 2, "manifests": []descriptor{manifest}}))
	a.file("manifest.json", marshal([]object{{"Config": config.path(), "RepoTags": []string{i.Name}, "Layers": []string{l.path()}}}))
	return writeTar(path, a.write)
}

func (i Image) tag() string { return i.Name[strings.LastIndex(i.Name, ":")+1:] }

const manifestType = "application/vnd.oci.image.manifest.v1+json"

// A descriptor names a blob (image-spec, descriptor.md).
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func (d descriptor) path() string { return "blobs/" + strings.Replace(d.Digest, ":", "/", 1) }

// An archive is a list of files.
type archive struct {
	names    []string
	contents [][]byte
}

func (a *archive) file(name string, content []byte) {
	a.names, a.contents = append(a.names, name), append(a.contents, content)
}

func (a *archive) add(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	d := descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: len(content)}
	a.file(d.path(), content)
	return d
}

func (a *archive) write(w *tar.Writer) error {
	for i, name := range a.names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(a.contents[i]))}); err != nil {
			return err
		}
		if _, err := io.Copy(w, bytes.NewReader(a.contents[i])); err != nil {
			return err
		}
	}
	return nil
}

func writeTar(path string, fill func(*tar.Writer) error) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Close()
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only what this file makes is marshalled
	}
	return text
}
