package credentials

import (
	"fmt"
	"os"
	"path/filepath"
)

// places are the files with credentials, in the order that they are looked into: $REGISTRY_AUTH_FILE alone, as with Podman;
// or else Docker's, then Podman's of `podman login`, then the one that outlives a boot.
func places() []string {
	if file := os.Getenv("REGISTRY_AUTH_FILE"); file != "" {
		return []string{file}
	}
	home, _ := os.UserHomeDir()
	var files []string
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		files = append(files, filepath.Join(dir, "config.json"))
	} else if home != "" {
		files = append(files, filepath.Join(home, ".docker/config.json"))
	}
	const podman = "containers/auth.json"
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, podman))
	} else {
		files = append(files, fmt.Sprintf("/run/containers/%d/auth.json", os.Getuid()))
	}
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		files = append(files, filepath.Join(dir, podman))
	} else if home != "" {
		files = append(files, filepath.Join(home, ".config", podman))
	}
	return files
}
