package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const defaultRoot = "/run/creel"

// rootlessFlag reads --rootless: true, false, or auto, which means true for
// everybody but root.
func rootlessFlag(s string) (bool, error) {
	if s == "auto" || s == "" {
		return os.Geteuid() != 0, nil
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("--rootless %q: it takes true, false or auto", s)
	}
	return v, nil
}

// rootDir is the directory of the containers' state. An ordinary user's lies in
// $XDG_RUNTIME_DIR and gets the sticky bit, which keeps tmpfiles cleaners off
// (XDG Base Directory Specification).
func rootDir(given string, rootless bool) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	xdg := os.Getenv("XDG_RUNTIME_DIR")
	if !rootless || xdg == "" {
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
