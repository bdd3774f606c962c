package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Mutate changes a config.
type Mutate = func(*specs.Spec)

// Default is the config that tests begin with: `creel spec`'s, without a terminal,
// over the shared root filesystem, running /bin/true.
func Default() *specs.Spec {
	s := spec.Default(false)
	s.Process.Terminal = false
	s.Process.Args = []string{"/bin/true"}
	s.Root.Path = shared
	return s
}

var bundles atomic.Int64

// Bundle makes a bundle from the default config, changed by each mutate in
// order, and returns its directory.
func (h *H) Bundle(mutate ...Mutate) string {
	h.Helper()
	s := Default()
	for _, m := range mutate {
		m(s)
	}
	text, err := json.Marshal(s)
	h.Must(err)
	return h.RawBundle(string(text))
}

// RawBundle makes a bundle with this very config.json.
func (h *H) RawBundle(config string) string {
	h.Helper()
	dir := h.Path("bundle" + strconv.FormatInt(bundles.Add(1), 10))
	h.Must(os.Mkdir(dir, 0o755))
	h.Must(os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o644))
	return dir
}

// Args sets the command of a config.
func Args(args ...string) Mutate {
	return func(s *specs.Spec) { s.Process.Args = args }
}

// Script makes a shell script the command of a config.
func Script(text string) Mutate { return Args("/bin/sh", "-c", text) }

// Sleep makes a command that ends on SIGTERM and not before.
var Sleep = Script("trap 'exit 0' TERM; while :; do sleep 1000 & wait; done")

// Root sets the root filesystem, writable.
func Root(path string) Mutate {
	return func(s *specs.Spec) { s.Root = &specs.Root{Path: path} }
}

// Mount appends a mount.
func Mount(m specs.Mount) Mutate {
	return func(s *specs.Spec) { s.Mounts = append(s.Mounts, m) }
}

// Bind appends a bind mount.
func Bind(source, destination string, options ...string) Mutate {
	return Mount(specs.Mount{Destination: destination, Type: "bind", Source: source, Options: append([]string{"bind"}, options...)})
}

// Namespace replaces, or adds, a namespace. An empty path makes a new one.
func Namespace(kind specs.LinuxNamespaceType, path string) Mutate {
	return func(s *specs.Spec) {
		NoNamespace(kind)(s)
		s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: kind, Path: path})
	}
}

// NoNamespace leaves the container in the runtime's namespace of this type.
func NoNamespace(kind specs.LinuxNamespaceType) Mutate {
	return func(s *specs.Spec) {
		var kept []specs.LinuxNamespace
		for _, ns := range s.Linux.Namespaces {
			if ns.Type != kind {
				kept = append(kept, ns)
			}
		}
		s.Linux.Namespaces = kept
	}
}

// UserNS gives the container a user namespace that maps size ids from 0 to first
// and on.
func UserNS(first, size uint32) Mutate {
	return func(s *specs.Spec) {
		Namespace(specs.UserNamespace, "")(s)
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{HostID: first, Size: size}}
		s.Linux.GIDMappings = []specs.LinuxIDMapping{{HostID: first, Size: size}}
	}
}

// Caps sets all of bounding, effective and permitted.
func Caps(names ...string) Mutate {
	return func(s *specs.Spec) {
		s.Process.Capabilities = &specs.LinuxCapabilities{Bounding: names, Effective: names, Permitted: names}
	}
}

// Ptr returns a pointer to a value, for the config's optional fields.
func Ptr[T any](v T) *T { return &v }
