package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/bundle/regular"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// A Use records that a bundle was made of an image: what it needs is kept for as long as the bundle is there.
type Use struct {
	ID     string         `json:"id"`
	Path   string         `json:"path"`             // absolute, of the file Marker in the bundle
	Image  *v1.Descriptor `json:"image,omitempty"`  // the manifest, if it is in the store
	Layers []string       `json:"layers,omitempty"` // unpacked layers that the bundle mounts, see Layer
}

// Marker is the file of a bundle that says what it was made of. Its member "id" is the ID of its Use.
const Marker = "image.json"

// Record writes down a use before the bundle is there, and gives it an ID.
func (s *Store) Record(u *Use) error {
	u.ID = rand.Text()
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return writeFile(s.usePath(u.ID), text)
}

// Forget removes the record of a use.
func (s *Store) Forget(id string) error {
	if !isID(id) {
		return fmt.Errorf("%q is no id of a bundle", id)
	}
	return os.Remove(s.usePath(id))
}

func (s *Store) usePath(id string) string { return filepath.Join(s.dir, "bundles", id+".json") }

func isID(id string) bool {
	return len(id) >= 26 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// uses returns the recorded uses, and those whose bundle is gone.
func (s *Store) uses() (live, gone []Use, err error) {
	dir := filepath.Join(s.dir, "bundles")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || !isID(id) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, nil, err
		}
		var u Use
		if err := json.Unmarshal(text, &u); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, e.Name()), err)
		}
		u.ID = id
		if isGone(&u) {
			gone = append(gone, u)
		} else {
			live = append(live, u)
		}
	}
	return live, gone, nil
}

// isGone says that no bundle with this use is at its place. One that cannot be looked at may be there.
func isGone(u *Use) bool {
	// The directory may be another's by now, who must not keep the collector waiting, nor fill its memory.
	text, err := regular.Read(u.Path, MaxDocument)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return true
	}
	var mark struct {
		ID string `json:"id"`
	}
	return err == nil && json.Unmarshal(text, &mark) == nil && mark.ID != u.ID
}

// Layer returns the directory of an unpacked layer, and makes it with fill if it is not there. fill gets an empty
// directory; what it makes appears as a whole or not at all. key is a file name that says how and from what it is made.
func (s *Store) Layer(ctx context.Context, key string, fill func(dir string) error) (string, error) {
	if key == "" || strings.ContainsAny(key, "/\x00") || key[0] == '.' {
		return "", fmt.Errorf("%q is no name of a layer", key)
	}
	dir := filepath.Join(s.dir, "layers", key)
	if _, err := os.Lstat(dir); err == nil {
		return dir, nil
	}
	lock, err := lockFile(ctx, filepath.Join(s.dir, "layers", "."+key+".lock"), unix.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if _, err := os.Lstat(dir); err == nil {
		return dir, nil
	}
	temp := filepath.Join(s.dir, "layers", "."+key+".new")
	if err := rootfs.Remove(temp); err != nil { // of a process that was killed
		return "", err
	}
	if err = os.Mkdir(temp, 0o755); err == nil {
		if err = fill(temp); err == nil {
			err = os.Rename(temp, dir)
		}
		if err != nil {
			rootfs.Remove(temp)
		}
	}
	if err != nil {
		return "", fmt.Errorf("layer %s: %w", key, err)
	}
	return dir, nil
}
