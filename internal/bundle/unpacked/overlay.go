package unpacked

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/overlay"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Directories of a bundle with an overlay: what the container changes, and what the kernel wants beside it. An unpacked
// layer of a store has the same two, the second while it is made only.
const (
	upperName = "upper"
	workName  = "work"
)

// maxOverlay is how many layers the kernel takes (OVL_MAX_STACK).
const maxOverlay = 500

// share unpacks the layers into the store, where they are not there, and makes the directories of a bundle.
//
// A layer is unpacked onto the mounted ones below it, as a container would write it: so the kernel itself writes what
// hides lower files, and directories that a layer only passes through keep their attributes. Hence its name is that of
// the chain of layers up to it (image-spec, config.md, "Layer ChainID").
func (k *making) share(ctx context.Context) error {
	layers := k.from.Layers()
	switch {
	case len(layers) > maxOverlay:
		return fmt.Errorf("%d layers are more than the %d that overlayfs takes", len(layers), maxOverlay)
	case len(layers) == 0:
		return fmt.Errorf("the image has no layers to share")
	}
	k.mark.Overlay, k.mark.Store = &Overlay{}, k.store.Dir()
	var lower []string // topmost first
	chain := ""
	for i, l := range layers {
		chain = chainID(chain, l.DiffID)
		key := chain
		if !k.Shift.Empty() {
			key += fmt.Sprintf("-%d-%d", k.Shift.Root, k.Shift.Length)
		}
		task := k.Show.Start(fmt.Sprintf("unpack %d/%d %s", i+1, len(layers), l.Digest.Hex[:12]), l.Size)
		how := "already there"
		dir, err := k.store.Layer(ctx, key, func(dir string) error {
			how = ""
			return k.unpackLayer(ctx, dir, l, lower)
		})
		task.End(err == nil, how)
		if err != nil {
			return err
		}
		lower = append([]string{filepath.Join(dir, upperName)}, lower...)
		k.mark.Overlay.Layers = append(k.mark.Overlay.Layers, key)
	}
	return k.makeDirs(k.temp, lower)
}

// chainID names what is unpacked of all layers up to one.
func chainID(below string, diff v1.Hash) string {
	if below == "" {
		return diff.Algorithm + "-" + diff.Hex
	}
	sum := sha256.Sum256([]byte(below[:len("sha256")] + ":" + below[len("sha256-"):] + " " + diff.String()))
	return "sha256-" + hex.EncodeToString(sum[:])
}

// makeDirs makes what an overlay is mounted of beside its layers, and where. The root is the upper one's: it starts as
// that of the layers is.
func (k *making) makeDirs(dir string, lower []string) error {
	for _, name := range []string{rootName, upperName, workName} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	upper := filepath.Join(dir, upperName)
	st := unix.Stat_t{Mode: 0o755, Uid: k.Shift.Root, Gid: k.Shift.Root}
	if len(lower) > 0 {
		if err := unix.Stat(lower[0], &st); err != nil {
			return &os.PathError{Op: "stat", Path: lower[0], Err: err}
		}
	}
	if err := os.Chown(upper, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	if err := unix.Chmod(upper, st.Mode&0o7777); err != nil {
		return &os.PathError{Op: "chmod", Path: upper, Err: err}
	}
	return nil
}

// unpackLayer unpacks one into dir, onto those in lower.
func (k *making) unpackLayer(ctx context.Context, dir string, l image.Layer, lower []string) error {
	if err := k.makeDirs(dir, lower); err != nil {
		return err
	}
	root, err := layerRoot(dir, lower)
	if err != nil {
		return err
	}
	defer root.Close()
	x := rootfs.New(root, rootfs.Options{Shift: k.Shift, Limits: k.Limits})
	if err := k.from.EachLayer(ctx, []image.Layer{l}, func(_ image.Layer, r io.Reader) error { return x.Layer(ctx, r) }); err != nil {
		return err
	}
	k.Report.Add(x.Report())
	for _, name := range []string{workName, rootName} {
		if err := rootfs.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func layerRoot(dir string, lower []string) (*rootfs.Root, error) {
	if len(lower) == 0 {
		return rootfs.Open(filepath.Join(dir, upperName))
	}
	return openOverlay(dir, lower)
}

// openOverlay mounts what is in dir over lower where nobody sees it.
func openOverlay(dir string, lower []string) (*rootfs.Root, error) {
	mounted, err := overlayOf(dir, lower).Open(filepath.Join(dir, rootName))
	if err != nil {
		return nil, err
	}
	defer mounted.Close()
	return rootfs.Open(fmt.Sprintf("/proc/self/fd/%d", mounted.Fd()))
}

func overlayOf(dir string, lower []string) overlay.Mount {
	return overlay.Mount{Lower: lower, Upper: filepath.Join(dir, upperName), Work: filepath.Join(dir, workName)}
}

// Mount mounts the root filesystem of a bundle that was made with an overlay. If it is mounted nothing happens.
func Mount(bundle string) error {
	mark, err := ReadMarker(bundle)
	if err != nil {
		return err
	}
	if mark.Overlay == nil {
		return fmt.Errorf("bundle %s: its root filesystem is no overlay, there is nothing to mount", bundle)
	}
	//creel:root-path the directory itself is a part of the bundle, and nothing in it is looked up
	if mounted, err := overlay.Mounted(filepath.Join(bundle, rootName)); err != nil || mounted {
		return err
	}
	return overlayOf(bundle, mark.layers()).On(filepath.Join(bundle, rootName))
}

// Unmount ends what Mount did.
func Unmount(bundle string) error {
	mark, err := ReadMarker(bundle)
	if err != nil {
		return err
	}
	if mark.Overlay == nil {
		return fmt.Errorf("bundle %s: its root filesystem is no overlay, there is nothing to unmount", bundle)
	}
	return overlay.Unmount(filepath.Join(bundle, rootName))
}

// unmountHook makes the runtime unmount the root when the container is deleted. None could mount it: a runtime opens
// root.path before it runs the first hook.
func unmountHook(s *specs.Spec, bundle string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if s.Hooks == nil {
		s.Hooks = &specs.Hooks{}
	}
	s.Hooks.Poststop = append(s.Hooks.Poststop, specs.Hook{Path: self, Args: []string{"creel-bundle", "unmount", bundle}})
	return nil
}
