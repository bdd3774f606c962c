package state

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Errors that callers tell apart; engines look for these texts.
var (
	ErrExist    = errors.New("container with given ID already exists")
	ErrNotExist = errors.New("container does not exist")
	// ErrNoRecord is of a container whose runtime ended between taking the id
	// and writing the record, or removed all but the directory: there is nothing else.
	ErrNoRecord = errors.New("it has none: its creation was cut short")
)

// Store is a directory of containers.
type Store struct{ root string }

// Open returns the store in the directory root, which need not exist.
func Open(root string) *Store { return &Store{root} }

// Reserve takes id: it makes the container's directory, mode 0711, as a
// container's root may have to pass through it. Of two callers exactly one wins. The caller holds
// the container, see Lock, until it has written the record.
func (s *Store) Reserve(id string) (*Dir, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.root, 0o700); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	root, err := s.open()
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if err := unix.Mkdirat(root, id, 0o711); err != nil {
		unix.Close(root)
		if errors.Is(err, unix.EEXIST) {
			return nil, fmt.Errorf("container id %q: %w", id, ErrExist)
		}
		return nil, fmt.Errorf("state directory %s/%s: %w", s.root, id, err)
	}
	d, err := openDir(root, id)
	if err != nil {
		return nil, err
	}
	if err := d.Lock(); err != nil {
		d.Close()
		return nil, fmt.Errorf("container id %q: somebody removed it as soon as it was taken: %w", id, err)
	}
	return d, nil
}

// Lookup opens the directory of an existing container.
func (s *Store) Lookup(id string) (*Dir, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	root, err := s.open()
	if errors.Is(err, unix.ENOENT) {
		return nil, ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("state directory %s: %w", s.root, err)
	}
	return openDir(root, id)
}

// List returns the ids of all containers.
func (s *Store) List() ([]string, error) {
	f, err := os.Open(s.root)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	ids := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.IsDir() && CheckID(e.Name()) == nil {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

func (s *Store) open() (int, error) {
	return unix.Open(s.root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}
