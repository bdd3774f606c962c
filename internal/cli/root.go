package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

const defaultRoot = "/run/creel"

// rootlessFlag reads --rootless: true, false, or auto, which means true for
// everybody but the machine's own root: root of a user namespace, which is what
// a rootless engine runs us as, has no more rights than its owner.
func rootlessFlag(s string) (func() bool, error) {
	if s == "auto" || s == "" {
		return func() bool { return os.Geteuid() != 0 || cgfs.InUserNamespace() }, nil
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return nil, fmt.Errorf("--rootless %q: it takes true, false or auto", s)
	}
	return func() bool { return v }, nil
}

// ownsRuntimeDir says whether $XDG_RUNTIME_DIR is the caller's place for state,
// as runc decides it: not if the caller is root, unless of a user namespace that
// somebody entered without becoming root by name as well.
func ownsRuntimeDir() bool {
	return os.Geteuid() != 0 || os.Getenv("USER") != "root" && cgfs.InUserNamespace()
}

// rootDir is the directory of the containers' state. An ordinary user's lies in
// $XDG_RUNTIME_DIR and gets the sticky bit, which keeps tmpfiles cleaners off
// (XDG Base Directory Specification).
func rootDir(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	xdg := os.Getenv("XDG_RUNTIME_DIR")
	if xdg == "" || !ownsRuntimeDir() {
		return defaultRoot, nil
	}
	root := filepath.Join(xdg, "creel")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", fmt.Errorf("the path in $XDG_RUNTIME_DIR must be writable by the user: %w", err)
	}
	if err := os.Chmod(root, os.FileMode(0o700)|os.ModeSticky); err != nil {
		return "", fmt.Errorf("you should check permission of the path in $XDG_RUNTIME_DIR: %w", err)
	}
	return root, nil
}
