// Package userns holds the range of ids that a container's user namespace maps, as people write it: ROOT:LEN.
package userns

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A Range maps the ids 0 … Length-1 of a container to Root … Root+Length-1 of the host, users and groups alike
// (user_namespaces(7)). The zero Range maps nothing: it stands for no user namespace.
type Range struct {
	Root, Length uint32
}

// Parse reads ROOT:LEN, two decimal numbers. LEN is at least 1, and the last id is less than 4294967295, which
// stands for "no id" in the kernel.
func Parse(text string) (Range, error) {
	root, length, ok := strings.Cut(text, ":")
	if !ok {
		return Range{}, fmt.Errorf("%q: want ROOT:LEN, the first id on the host and how many follow", text)
	}
	r, err := strconv.ParseUint(root, 10, 32)
	if err != nil {
		return Range{}, fmt.Errorf("%q: ROOT: %w", text, err)
	}
	n, err := strconv.ParseUint(length, 10, 32)
	if err != nil {
		return Range{}, fmt.Errorf("%q: LEN: %w", text, err)
	}
	if n == 0 || r+n > math.MaxUint32 {
		return Range{}, fmt.Errorf("%q: LEN is to be 1 to %d", text, math.MaxUint32-r)
	}
	return Range{Root: uint32(r), Length: uint32(n)}, nil
}

func (r Range) String() string { return fmt.Sprintf("%d:%d", r.Root, r.Length) }

// Empty says that there is no user namespace.
func (r Range) Empty() bool { return r.Length == 0 }

// Host returns what an id of the container is on the host, and whether it is mapped. Without a user namespace it is itself.
func (r Range) Host(id uint32) (uint32, bool) {
	if r.Empty() {
		return id, true
	}
	return r.Root + id, id < r.Length
}

// Container returns what an id of the host is in the container, and whether it is there.
func (r Range) Container(id uint32) (uint32, bool) {
	if r.Empty() {
		return id, true
	}
	return id - r.Root, id >= r.Root && id-r.Root < r.Length
}

// Mappings returns linux.uidMappings or linux.gidMappings, nil without a user namespace.
func (r Range) Mappings() []specs.LinuxIDMapping {
	if r.Empty() {
		return nil
	}
	return []specs.LinuxIDMapping{{ContainerID: 0, HostID: r.Root, Size: r.Length}}
}
