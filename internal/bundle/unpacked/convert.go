package unpacked

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/creel-project/creel/internal/bundle/capset"
	"github.com/creel-project/creel/internal/bundle/user"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/spec"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Process is what a person wants otherwise than the image has it.
type Process struct {
	Args       []string // in the place of Cmd
	Entrypoint *string  // in the place of Entrypoint, without Cmd; empty for none
	User       string   // in the place of User
	Terminal   bool
}

// Convert makes the config of a container of an image's (image-spec 1.1, conversion.md), on top of the config that
// `creel spec` writes, with the capabilities that programs in images count on. Users are found in the root filesystem rootFD. Warnings are about what the image lacks.
func Convert(c *v1.ConfigFile, p Process, ids userns.Range, rootless bool, rootFD int) (s *specs.Spec, warnings []string, err error) {
	s = spec.Default(rootless)
	s.Root.Readonly = false
	if !ids.Empty() {
		mapIDs(s, ids)
	}
	warnings = process(s.Process, &c.Config, p)
	files, err := user.In(rootFD)
	if err != nil {
		return nil, nil, err
	}
	u, err := files.Lookup(cmp.Or(p.User, c.Config.User))
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(u.AdditionalGIDs)
	s.Process.User = specs.User{UID: u.UID, GID: u.GID, AdditionalGids: u.AdditionalGIDs}
	if rootless { // setgroups(2) is not an ordinary user's
		s.Process.User.AdditionalGids = nil
	}
	s.Process.Capabilities = capset.Of(capset.Default())
	s.Annotations = annotations(c)
	w, err := volumes(s, c.Config.Volumes)
	return s, append(warnings, w...), err
}

// process sets what is executed and where.
func process(to *specs.Process, c *v1.Config, p Process) (warnings []string) {
	entrypoint, cmd := c.Entrypoint, c.Cmd
	if p.Entrypoint != nil {
		entrypoint, cmd = nil, nil
		if *p.Entrypoint != "" {
			entrypoint = []string{*p.Entrypoint}
		}
	}
	if len(p.Args) > 0 {
		cmd = p.Args
	}
	if args := slices.Concat(entrypoint, cmd); len(args) > 0 {
		to.Args = args
	} else {
		warnings = append(warnings, fmt.Sprintf("the image names no program: process.args is %q", to.Args))
	}
	to.Terminal = p.Terminal
	defaults := to.Env
	to.Env = slices.Clone(c.Env)
	for _, e := range defaults {
		name, _, _ := strings.Cut(e, "=")
		has := slices.ContainsFunc(c.Env, func(o string) bool { return strings.HasPrefix(o, name+"=") })
		if !has && (name != "TERM" || p.Terminal) {
			to.Env = append(to.Env, e)
		}
	}
	to.Cwd = path.Clean("/" + c.WorkingDir)
	return warnings
}

// mapIDs gives the container a user namespace.
func mapIDs(s *specs.Spec, ids userns.Range) {
	s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace})
	s.Linux.UIDMappings, s.Linux.GIDMappings = ids.Mappings(), ids.Mappings()
	const tty = 5
	if ids.Length > tty {
		return
	}
	for i := range s.Mounts {
		s.Mounts[i].Options = slices.DeleteFunc(s.Mounts[i].Options, func(o string) bool { return o == "gid=5" })
	}
}

// annotations of the container: the image's labels, and its fields where no label has their name.
func annotations(c *v1.ConfigFile) map[string]string {
	const prefix = "org.opencontainers.image."
	m := map[string]string{}
	set := func(key, value string) {
		if value != "" {
			m[prefix+key] = value
		}
	}
	set("os", c.OS)
	set("architecture", c.Architecture)
	set("variant", c.Variant)
	set("os.version", c.OSVersion)
	set("os.features", strings.Join(c.OSFeatures, ","))
	set("author", c.Author)
	if !c.Created.IsZero() {
		set("created", c.Created.Format(time.RFC3339Nano))
	}
	set("stopSignal", c.Config.StopSignal)
	set("exposedPorts", strings.Join(slices.Sorted(maps.Keys(c.Config.ExposedPorts)), ","))
	maps.Copy(m, c.Config.Labels)
	delete(m, "") // no key is empty (runtime-spec, config.md, "Annotations")
	return m
}

// volumes mounts a file system in memory for each volume, with what the image has there.
func volumes(s *specs.Spec, list map[string]struct{}) (warnings []string, err error) {
	for _, v := range slices.Sorted(maps.Keys(list)) {
		dest := path.Clean("/" + v)
		switch {
		case strings.ContainsRune(v, 0):
			return nil, fmt.Errorf("volume %q: %w", v, errors.New("it contains a NUL character"))
		case dest == "/":
			warnings = append(warnings, fmt.Sprintf("volume %q: it is the root itself, and is left out", v))
			continue
		case slices.ContainsFunc(s.Mounts, func(m specs.Mount) bool { return m.Destination == dest }):
			continue
		}
		s.Mounts = append(s.Mounts, specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs",
			Options: []string{"nosuid", "nodev", "tmpcopyup"}})
	}
	return warnings, nil
}
