package spec

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// The annotations that have an effect, all of them crun's (crun(1), "Annotations").
const (
	// HooksStdout and HooksStderr name files that the output of hooks is appended to,
	// relative to the bundle.
	HooksStdout = "run.oci.hooks.stdout"
	HooksStderr = "run.oci.hooks.stderr"
	// KeepGroups, with the value "1", leaves the process the supplementary groups of the
	// caller in the place of process.user.additionalGids.
	KeepGroups = "run.oci.keep_original_groups"
	// UnitProperty begins those whose rest is the name of a property of the container's systemd unit, and whose
	// value is GVariant text. They have an effect when systemd makes the cgroup, and are runc's, too.
	UnitProperty = "org.systemd.property."
)

// Annotations lists the annotations that have an effect.
func Annotations() []string { return []string{HooksStderr, HooksStdout, KeepGroups, UnitProperty} }

// UnitProperties returns what annotations say of the container's systemd unit: GVariant texts by the names of properties.
func UnitProperties(s *specs.Spec) map[string]string {
	properties := map[string]string{}
	for key, text := range s.Annotations {
		if name, ok := strings.CutPrefix(key, UnitProperty); ok {
			properties[name] = text
		}
	}
	return properties
}

// annotations checks the keys, which are not to be empty, and the values that mean
// something.
func (c *checker) annotations() {
	if _, ok := c.Annotations[""]; ok {
		c.bad("annotations", "the value %q has an empty key", c.Annotations[""])
	}
	for _, name := range []string{HooksStderr, HooksStdout} {
		file, ok := c.Annotations[name]
		if ok && file == "" {
			c.bad(key("annotations", name), "it is empty; it takes the path of a file")
		}
		c.text(key("annotations", name), file)
	}
	if v, ok := c.Annotations[KeepGroups]; ok && v != "1" {
		c.warn(key("annotations", KeepGroups), "%q is ignored: only \"1\" has an effect", v)
	}
}
