package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Validate judges a config as runtime-spec 1.3 and the kernel would, and needs no
// privilege to do so. All mistakes come back together, one line each: the path of the
// field, its value, what is allowed, and the cause last. Warnings are about what is
// tolerated: values that engines give and that other runtimes accept as well.
//
// Relative paths of the host are relative to the bundle directory. Nothing is read but
// the type of root.path and of the namespaces that are to be joined; what the caller
// may not look at is left for later to judge.
func Validate(s *specs.Spec, bundle string) (warnings []string, err error) {
	c := newChecker(s)
	c.bundle = bundle
	c.version()
	c.process()
	c.root()
	c.names()
	c.mounts()
	c.hooks()
	c.annotations()
	c.platforms()
	c.namespaces()
	c.hostMounts()
	c.idMaps()
	c.timeOffsets()
	c.netDevices()
	c.sysctls()
	c.devices()
	c.cgroupsPath()
	if r := c.linux.Resources; r != nil {
		c.resources("linux.resources", r)
	}
	c.seccomp()
	c.isolation()
	c.rdt()
	c.memoryPolicy()
	return c.warnings, errors.Join(c.errs...)
}

// ValidateProcess judges s.Process alone, as one that is executed in a container
// that exists. Of the rest of s only the namespaces and id maps are looked at.
func ValidateProcess(s *specs.Spec) (warnings []string, err error) {
	c := newChecker(s)
	c.process()
	if s.Process != nil && len(c.linux.UIDMappings) > 0 {
		c.mappedUser(&s.Process.User)
	}
	return c.warnings, errors.Join(c.errs...)
}

// ValidateMount judges s.Mounts alone, as mounts for a container that exists.
func ValidateMount(s *specs.Spec) (warnings []string, err error) {
	c := newChecker(s)
	c.mounts()
	return c.warnings, errors.Join(c.errs...)
}

// ValidateResources judges limits alone, as they are given to change those of a
// container that exists. field is their path in messages.
func ValidateResources(r *specs.LinuxResources, field string) error {
	c := &checker{Spec: &specs.Spec{}, linux: &specs.Linux{}}
	c.resources(field, r)
	return errors.Join(c.errs...)
}

// checker collects what there is to say about a config.
type checker struct {
	*specs.Spec
	linux    *specs.Linux // never nil
	bundle   string
	errs     []error
	warnings []string
}

func newChecker(s *specs.Spec) *checker {
	c := &checker{Spec: s, linux: s.Linux}
	if c.linux == nil {
		c.linux = &specs.Linux{}
	}
	return c
}

// bad notes a mistake in a field.
func (c *checker) bad(field, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

// warn notes what is tolerated in a field.
func (c *checker) warn(field, format string, args ...any) {
	c.warnings = append(c.warnings, field+": "+fmt.Sprintf(format, args...))
}

// text refuses a string that the kernel would cut short.
func (c *checker) text(field, value string) bool {
	if hasNUL(value) {
		c.bad(field, "%q contains a NUL character, where the kernel would end it", value)
		return false
	}
	return true
}

func hasNUL(s string) bool { return strings.IndexByte(s, 0) >= 0 }

// texts is text for each string of a list.
func (c *checker) texts(field string, values []string) {
	for i, v := range values {
		if hasNUL(v) {
			c.text(at(field, i), v)
		}
	}
}

// at names the element i of a list, key the member k of a map.
func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
func key(field, k string) string   { return fmt.Sprintf("%s[%q]", field, k) }

// sortedKeys returns the keys of a map in order, so that messages come in order.
func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
