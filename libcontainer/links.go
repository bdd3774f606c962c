package libcontainer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// linksToCopy reads the links that are sources of bind mounts with copy-symlink, by the
// index of the mount. Of any other source nothing is said: opening it tells what is wrong.
func linksToCopy(s *specs.Spec, bundle string) (links map[int]string) {
	for i := range s.Mounts {
		m := &s.Mounts[i]
		asked := func(option string) bool { return strings.Contains(option, "copy-symlink") }
		if !slices.ContainsFunc(m.Options, asked) || !spec.ParseMountOptions(m.Options).CopySymlink {
			continue
		}
		path := m.Source
		if !filepath.IsAbs(path) {
			path = filepath.Join(bundle, path)
		}
		if to, err := os.Readlink(path); err == nil {
			if links == nil {
				links = map[int]string{}
			}
			links[i] = to
		}
	}
	return links
}
