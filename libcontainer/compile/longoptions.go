package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// Limits of the kernel, in bytes without the terminator.
const (
	fsconfigMax = 255  // a value, or a word without one (fsconfig(2))
	mountMax    = 4095 // all options together (mount(2)): the smallest page
)

// superFlags are the flags of mount(2) whose words fsconfig(2) takes.
const superFlags = unix.MS_SYNCHRONOUS | unix.MS_DIRSYNC | unix.MS_LAZYTIME | unix.MS_MANDLOCK

// tooLong says whether fsconfig(2) would refuse one of opts for its length.
func tooLong(opts []string) bool {
	for _, s := range opts {
		if len(s) > fsconfigMax && len(s)-strings.IndexByte(s, '=')-1 > fsconfigMax {
			return true
		}
	}
	return false
}

// longFresh is fresh for options that only mount(2) takes: those of an overlay
// of many layers. Its own key for one layer at a time, "lowerdir+", is from 6.7
// and reads other escapes.
func (b *builder) longFresh(m *mount) {
	data := b.longData(m)
	b.freshWith(m, m.Type, func(o *plan.Op) {
		o.Flags, o.Src = plan.Legacy, slotTarget
		o.Text, o.N[1] = list([]string{m.Source, data}), 2
		o.N[2] = uint64(m.Flags & superFlags)
		if readonlyFS(m, m.Type) {
			o.N[2] |= unix.MS_RDONLY
		}
	})
}

// longData joins what is neither a flag nor the source.
func (b *builder) longData(m *mount) string {
	return strings.Join(append(slices.Clone(m.Data), b.mountContext(m.Type)...), ",")
}

// tooLongForAll is the error of options that mount(2) does not take either.
func (b *builder) tooLongForAll(m *mount) error {
	if m.isBind() || !tooLong(m.Data) && len(m.Source) <= fsconfigMax {
		return nil
	}
	if n := len(b.longData(m)); n > mountMax {
		return fmt.Errorf("%s.options: %d bytes, one of them of more than %d: mount(2) takes at most %d: %w",
			m.source, n, fsconfigMax, mountMax, unix.E2BIG)
	}
	return nil
}
