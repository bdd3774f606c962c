// Package store keeps the content of images: blobs by their digest, each once, and names that refer to them.
//
// It is an OCI image layout (image-spec 1.1, image-layout.md) with a few things beside it, so that other tools can read it:
//
//	oci-layout, index.json      names (org.opencontainers.image.ref.name): an index's, or an entry for each platform
//	blobs/ALGORITHM/HEX         what is complete and was verified
//	ingest/ALGORITHM-HEX        what was fetched of a blob so far; it is gone on with the next time
//	layers/                     unpacked layers, which bundles share
//	bundles/ID.json             which bundles were made of what, so that it is kept for them
//	run/                        bundles that live as long as a process
//	lock, index.lock            flock(2): of who uses the store, and of who changes the names
//
// A file appears under its name by rename(2) only, so that a process that is killed leaves nothing that is wrong.
package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Store is an open store. While it is open nothing is removed from it. Its methods may be called at the same time, and
// by many processes.
type Store struct {
	dir  string
	lock *os.File
}

const layoutText = `{"imageLayoutVersion":"1.0.0"}`

// DefaultDir is where the store of the caller is: /var/lib/creel for root, and creel in $XDG_DATA_HOME
// (~/.local/share) for others.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/creel", nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "creel"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("where is the store? give --store DIR: %w", err)
	}
	return filepath.Join(home, ".local/share/creel"), nil
}

// Open opens the store in dir, and makes it if it is not there. The directory is the caller's alone, as unpacked layers
// have setuid programs. It waits while somebody collects garbage.
func Open(ctx context.Context, dir string) (*Store, error) {
	return open(ctx, dir, unix.LOCK_SH)
}

func open(ctx context.Context, dir string, how int) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	s := &Store{dir: dir}
	if err := s.make(ctx); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	if s.lock, err = lockFile(ctx, filepath.Join(dir, "lock"), how); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return s, nil
}

// make makes what is missing of the store. It refuses a directory with other things in it.
func (s *Store) make(ctx context.Context) error {
	layout := filepath.Join(s.dir, "oci-layout")
	text, err := os.ReadFile(layout)
	switch {
	case err == nil && !bytes.Contains(text, []byte(`"1.0.0"`)):
		return fmt.Errorf("oci-layout is %q: it is of a version that is not known", text)
	case errors.Is(err, os.ErrNotExist):
		if entries, err := os.ReadDir(s.dir); err == nil && len(entries) > 0 && !isOurs(entries) {
			return errors.New("it has files, but no oci-layout: it is no store")
		}
	case err != nil:
		return err
	}
	for _, d := range []string{"", "blobs/sha256", "ingest", "layers", "bundles", "run"} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o700); err != nil {
			return err
		}
	}
	if text != nil {
		return nil
	}
	lock, err := lockFile(ctx, filepath.Join(s.dir, "index.lock"), unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	return writeFile(layout, []byte(layoutText))
}

// isOurs says whether the entries are those of a store that is being made at the same time.
func isOurs(entries []os.DirEntry) bool {
	for _, e := range entries {
		switch e.Name() {
		case "blobs", "ingest", "layers", "bundles", "run", "lock", "index.lock", "index.json", "oci-layout", ".oci-layout.new":
		default:
			return false
		}
	}
	return true
}

// Dir is the absolute path of the store.
func (s *Store) Dir() string { return s.dir }

// Close lets garbage be collected again.
func (s *Store) Close() error { return s.lock.Close() }

// lockFile opens and locks a file, and waits until it can or ctx ends.
func lockFile(ctx context.Context, path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if err == unix.EWOULDBLOCK {
			select {
			case <-time.After(20 * time.Millisecond):
				continue
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		if err != unix.EINTR {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// writeFile replaces a file as a whole. The temporary name is always the same: callers hold a lock.
func writeFile(path string, text []byte) error {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}
