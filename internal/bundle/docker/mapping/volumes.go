package mapping

import (
	"path"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// volumes are the volumes and directories of the host that are mounted: Mounts says which, HostConfig.Mounts how.
func (m *mapper) volumes() (mounts []specs.Mount, err error) {
	for i, p := range m.Mounts {
		field := report.At("Mounts", i)
		if !path.IsAbs(p.Destination) {
			return nil, bad(field+".Destination", p.Destination, "it is not an absolute path")
		}
		p.Destination = path.Clean(p.Destination)
		asked := m.asked(p.Destination)
		var made *specs.Mount
		switch p.Type {
		case mount.TypeTmpfs:
			made, err = m.tmpfsMount(field, p, asked)
		case mount.TypeBind, mount.TypeVolume, mount.TypeImage, mount.TypeCluster, "":
			made, err = m.bind(field, p, asked)
		default:
			err = bad(field+".Type", string(p.Type), "it is no kind of mount of Docker for Linux")
		}
		if err != nil {
			return nil, err
		}
		mounts = append(mounts, *made)
		m.notes.Mapped(field, m.labelled(p.Mode), "/mounts?destination="+p.Destination)
	}
	for _, dir := range sorted(m.Config.Volumes) {
		field, where := report.Member("Config.Volumes", dir), path.Clean(dir)
		m.notes.Mapped(field, "", "/mounts?destination="+where)
		if !m.mounted(where) {
			m.notes.Lost(field, "Docker makes an empty volume; none is in Mounts")
		}
	}
	m.unmounted()
	return mounts, nil
}

// unmounted notes what was asked for and is not in Mounts, which alone tells where it is on the host.
func (m *mapper) unmounted() {
	lost := func(field, destination string) {
		if !m.mounted(path.Clean(destination)) {
			m.notes.Lost(field, "it is not in Mounts")
		}
	}
	for i, bind := range m.HostConfig.Binds { // SOURCE:DESTINATION[:OPTIONS], or a destination
		source, rest, ok := strings.Cut(bind, ":")
		destination, _, _ := strings.Cut(rest, ":")
		if !ok {
			destination = source
		}
		lost(report.At("HostConfig.Binds", i), destination)
	}
	for i, a := range m.HostConfig.Mounts {
		lost(report.At("HostConfig.Mounts", i), a.Target)
	}
}

// labelled says what became of the options z and Z.
func (m *mapper) labelled(mode string) string {
	for word := range strings.SplitSeq(mode, ",") {
		if strings.EqualFold(word, "z") && m.Facts.SELinux {
			return "Docker has given the files the label"
		}
	}
	return ""
}

// asked is what was asked for with --mount for a place; what is empty was asked for with -v or by the image.
func (m *mapper) asked(destination string) mount.Mount {
	for _, a := range m.HostConfig.Mounts {
		if path.Clean(a.Target) == destination {
			return a
		}
	}
	return mount.Mount{}
}

// bind mounts a directory or file of the host.
func (m *mapper) bind(field string, p container.MountPoint, asked mount.Mount) (*specs.Mount, error) {
	source, err := m.source(field, p, asked)
	if err != nil {
		return nil, err
	}
	how := asked.BindOptions
	if how == nil {
		how = &mount.BindOptions{}
	}
	options := []string{"rbind"}
	if how.NonRecursive {
		options[0] = "bind"
	}
	propagation, err := m.propagation(field, p.Propagation)
	if err != nil {
		return nil, err
	}
	options = append(options, propagation)
	switch {
	case p.RW:
		options = append(options, "rw")
	case how.ReadOnlyForceRecursive && !m.Facts.RecursiveReadonly:
		return nil, bad(field+".RW", false, "ReadOnlyForceRecursive: recursive read-only mounts need Linux 5.12")
	case m.Facts.RecursiveReadonly && !how.ReadOnlyNonRecursive && !how.NonRecursive:
		options = append(options, "rro")
	default:
		options = append(options, "ro")
	}
	return &specs.Mount{Destination: p.Destination, Type: "bind", Source: source, Options: m.owners(field+".Source", source, m.locked(source, options))}, nil
}

// owners lets the files of a bind mount belong in a user namespace to whom they belong without one: the mount is id-mapped,
// unless the daemon has given its files to ids of a user namespace already.
func (m *mapper) owners(field, source string, options []string) []string {
	if m.Userns.Empty() || m.remapped() != "" {
		return options
	}
	word, tree := "idmap", options[0] == "rbind"
	if tree {
		word = "ridmap"
	}
	if err := m.Lookup.IDMaps(source, tree); err != nil {
		m.notes.Lost(field, "the files are owned by nobody in the user namespace: "+err.Error())
		return options
	}
	return append(options, word)
}

// source is what is mounted: of a volume or an image perhaps only a part.
func (m *mapper) source(field string, p container.MountPoint, asked mount.Mount) (string, error) {
	if !path.IsAbs(p.Source) {
		return "", bad(field+".Source", p.Source, "it is not an absolute path of the host")
	}
	sub := ""
	switch {
	case asked.VolumeOptions != nil && p.Type == mount.TypeVolume:
		sub = asked.VolumeOptions.Subpath
	case asked.ImageOptions != nil && p.Type == mount.TypeImage:
		sub = asked.ImageOptions.Subpath
	}
	if sub == "" {
		return p.Source, nil
	}
	source, err := m.Lookup.Below(p.Source, sub)
	if err != nil {
		return "", bad(field+".Source", p.Source, "subpath %q: %w", sub, err)
	}
	return source, nil
}

// propagation is rprivate unless something else is asked for, which the root filesystem then has to let through.
func (m *mapper) propagation(field string, p mount.Propagation) (string, error) {
	raise := ""
	switch p {
	case "":
		return string(mount.PropagationRPrivate), nil
	case mount.PropagationPrivate, mount.PropagationRPrivate:
	case mount.PropagationShared, mount.PropagationRShared:
		raise = "shared"
	case mount.PropagationSlave, mount.PropagationRSlave:
		raise = "rslave"
	default:
		return "", bad(field+".Propagation", string(p), "want one of %v", mount.Propagations)
	}
	if raise == "shared" || raise != "" && m.linux.RootfsPropagation == "" {
		m.linux.RootfsPropagation = raise
	}
	return string(p), nil
}

// sorted returns the keys of a map in order.
func sorted[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
