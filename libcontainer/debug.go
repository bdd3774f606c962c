package libcontainer

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
)

// debug tells of a step that is done.
func (rt *Runtime) debug(format string, args ...any) {
	if rt.Debug != nil {
		rt.Debug(fmt.Sprintf(format, args...))
	}
}

// passed tells of the hooks that init has run before it came to op. Nobody else
// knows that they succeeded.
func (b *boot) passed(op uint32) {
	if b.rt.Debug == nil {
		return
	}
	for ; b.told < int(op) && b.told < len(b.plan.Ops); b.told++ {
		if o := &b.plan.Ops[b.told]; o.Code == plan.Hook {
			b.rt.debug("%s: %s succeeded", o.Source, o.Path)
		}
	}
}
