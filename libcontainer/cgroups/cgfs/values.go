package cgfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Max is what the kernel writes and reads for "no limit" on cgroup v2.
const Max = "max"

// Uint reads a file that holds one number; "max" reads as limited = false.
func (d *Dir) Uint(name string) (value uint64, limited bool, err error) {
	text, err := d.Read(name)
	if err != nil {
		return 0, false, err
	}
	if text == Max {
		return 0, false, nil
	}
	value, err = strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("read %s: %q is no number: %w", d.join(name), text, errors.Unwrap(err))
	}
	return value, true, nil
}

// Field returns the value behind a key in a flat keyed file such as cgroup.events, "" when the key is not there.
func (d *Dir) Field(name, key string) (string, error) {
	text, err := d.Read(name)
	if err != nil {
		return "", err
	}
	return Field(text, key), nil
}

// Field returns the value behind a key in the text of a flat keyed file, "" when the key is not there.
func Field(text, key string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && k == key {
			return v
		}
	}
	return ""
}
