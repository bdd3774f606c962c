package mapping

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// tmpfs are the file systems in memory that --tmpfs asks for.
func (m *mapper) tmpfs() (mounts []specs.Mount, err error) {
	for _, dir := range sorted(m.HostConfig.Tmpfs) {
		field := report.Member("HostConfig.Tmpfs", dir)
		if !path.IsAbs(dir) {
			return nil, bad(field, dir, "it is not an absolute path")
		}
		where := path.Clean(dir)
		mounts = append(mounts, tmpfsAt(where, splitWords(m.HostConfig.Tmpfs[dir])))
		m.notes.Mapped(field, "", "/mounts?destination="+where)
	}
	return mounts, nil
}

func splitWords(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(w string) bool { return w == "" })
}

// tmpfsMount is one that --mount type=tmpfs asks for.
func (m *mapper) tmpfsMount(field string, p container.MountPoint, asked mount.Mount) (*specs.Mount, error) {
	var words []string
	if !p.RW {
		words = append(words, "ro")
	}
	if o := asked.TmpfsOptions; o != nil {
		if o.SizeBytes < 0 {
			return nil, bad(field, o.SizeBytes, "SizeBytes is negative")
		}
		if o.SizeBytes > 0 {
			words = append(words, "size="+strconv.FormatInt(o.SizeBytes, 10))
		}
		if o.Mode != 0 {
			words = append(words, fmt.Sprintf("mode=%o", uint32(o.Mode)&0o7777))
		}
		for _, option := range o.Options {
			if len(option) != 1 && len(option) != 2 {
				return nil, bad(field, fmt.Sprint(option), "an option of tmpfs is a word, or a word and a value")
			}
			words = append(words, strings.Join(option, "="))
		}
	}
	made := tmpfsAt(p.Destination, words)
	return &made, nil
}

// tmpfsAt is a tmpfs with Docker's options, of which others that contradict them take the place.
func tmpfsAt(destination string, words []string) specs.Mount {
	options := []string{"noexec", "nosuid", "nodev"}
	for _, word := range words {
		options = append(slices.DeleteFunc(options, func(o string) bool { return contradicts(o, word) }), word)
	}
	return specs.Mount{Destination: destination, Type: "tmpfs", Source: "tmpfs", Options: options}
}

// contradicts says whether b takes the place of a: the same word, the same key, or the opposite.
func contradicts(a, b string) bool {
	keyA, _, valued := strings.Cut(a, "=")
	keyB, _, _ := strings.Cut(b, "=")
	switch {
	case a == b, valued && keyA == keyB, "no"+a == b, a == "no"+b:
		return true
	}
	return a == "ro" && b == "rw" || a == "rw" && b == "ro"
}
