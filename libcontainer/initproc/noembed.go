//go:build !creel_embed

package initproc

import (
	"errors"
	"fmt"
	"os"
)

// Path names the init program to use. Programs that embed libcontainer without
// the build tag creel_embed may set it, to the init.bin that `make` builds here; empty means an installed copy.
var Path string

// installed are the places where a package may put init for such programs.
// `make install` does not: what it installs embeds its own.
var installed = [...]string{"/usr/local/libexec/creel/init", "/usr/libexec/creel/init"}

func program() ([]byte, error) {
	if Path != "" {
		return os.ReadFile(Path)
	}
	for _, path := range installed {
		data, err := os.ReadFile(path)
		if err == nil || !errors.Is(err, os.ErrNotExist) {
			return data, err
		}
	}
	return nil, fmt.Errorf("init program: neither embedded (build tag creel_embed) nor installed as %v: %w",
		installed, os.ErrNotExist)
}
