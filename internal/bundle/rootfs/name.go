package rootfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errDotDot is a name that a program could read in two ways.
var errDotDot = errors.New("a name with .. in it")

// clean makes a name in an archive relative to the root: without slashes at its ends, without . and empty parts. The
// root itself is "". A name with .. is an error.
func clean(name string) (string, error) {
	if isClean(name) {
		return name, nil
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			return "", errDotDot
		default:
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/"), nil
}

// isClean is the short way for names that are.
func isClean(name string) bool {
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if part := name[start:i]; part == "" || part == "." || part == ".." {
			return name == ""
		}
		start = i + 1
	}
	return true
}

// split cleans a name and separates its last part. Both are "" for the root.
func split(name string) (parent, base string, err error) {
	name, err = clean(name)
	if err != nil {
		return "", "", err
	}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:], nil
	}
	return "", name, nil
}

// join is the name of base in the directory parent, which is "" for the root.
func join(parent, base string) string {
	switch {
	case parent == "":
		return base
	case base == "":
		return parent
	}
	return parent + "/" + base
}

// splitLink is split for the name that a hard link gives, which is also one in the root.
func splitLink(name string) (parent, base string, err error) {
	parent, base, err = split(name)
	if err == nil && base == "" {
		err = errors.New("it is the root")
	}
	if err != nil {
		err = fmt.Errorf("hard link to %q: %w", name, err)
	}
	return parent, base, err
}

// umaskIn reads the line Umask of /proc/PID/status.
func umaskIn(status string) uint32 {
	_, rest, _ := strings.Cut(status, "\nUmask:\t")
	line, _, _ := strings.Cut(rest, "\n")
	mask, err := strconv.ParseUint(line, 8, 16)
	if err != nil {
		return 0o777
	}
	return uint32(mask)
}
