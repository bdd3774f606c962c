// Package state keeps the records of containers on disk: one directory a
// container below a root directory, a versioned record in each, replaced
// atomically. Whatever instant a runtime is killed at, the record tells what
// there may be to remove.
package state

import (
	"errors"
	"fmt"
)

// maxID is the longest id in bytes: it is the name of a directory.
const maxID = 255

// ErrID is wrapped by errors about ids that cannot be one.
var ErrID = errors.New("invalid container ID format")

// CheckID says whether id can name a container: letters, digits, '_', '+', '-'
// and '.', as runc has it. Caches may live beside containers under a name with
// any other character.
func CheckID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("container id is empty: %w", ErrID)
	case id == "." || id == "..":
		return fmt.Errorf("container id %q: %w", id, ErrID)
	case len(id) > maxID:
		return fmt.Errorf("container id of %d bytes, the longest has %d: %w", len(id), maxID, ErrID)
	}
	for i := range len(id) {
		if !idByte(id[i]) {
			return fmt.Errorf("container id %q: character %q: %w", id, id[i], ErrID)
		}
	}
	return nil
}

func idByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return c == '_' || c == '+' || c == '-' || c == '.'
}
