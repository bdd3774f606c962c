package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// version of the file's form.
const version = 1

// A Store is the state, and the lock on it.
type Store struct {
	State
	dir  string
	lock *os.File
}

// Open locks the state in a directory, which is made if it is missing, and reads it. It waits for whoever has the lock.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	s := &Store{dir: dir, lock: f}
	if err == nil {
		s.State, err = Read(dir)
	} else {
		err = fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// Dir returns the directory.
func (s *Store) Dir() string { return s.dir }

// Close gives the lock back.
func (s *Store) Close() { s.lock.Close() }

// Read reads the state without the lock: what is there is whole, but may be old.
func Read(dir string) (s State, err error) {
	name := filepath.Join(dir, "state.json")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return State{Version: version}, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	if s.Version != version {
		return s, fmt.Errorf("%s: version %d is another one than %d, which this program knows", name, s.Version, version)
	}
	if err := s.whole(); err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// whole says what a state lacks that whoever uses it counts on.
func (s *State) whole() error {
	for i, n := range s.Networks {
		if n == nil || !n.Address.IsValid() {
			return fmt.Errorf("networks[%d]: it has no address", i)
		}
	}
	for i, e := range s.Endpoints {
		if e == nil || e.ID == "" {
			return fmt.Errorf("endpoints[%d]: it has no id", i)
		}
	}
	return nil
}

// Save replaces the file. It lives as long as the machine runs: nothing waits for a disk.
func (s *Store) Save() error {
	text, err := json.Marshal(&s.State)
	if err != nil {
		return err
	}
	name := filepath.Join(s.dir, "state.json")
	if err = os.WriteFile(name+".new", text, 0o600); err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil { // what is half of it fills a disk that is full
		os.Remove(name + ".new")
	}
	return err
}
