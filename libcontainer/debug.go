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
func (d *dialogue) passed(op uint32) {
	if d.rt.Debug == nil {
		return
	}
	for ; d.told < int(op) && d.told < len(d.plan.Ops); d.told++ {
		if o := &d.plan.Ops[d.told]; o.Code == plan.Hook {
			d.rt.debug("%s: %s succeeded", o.Source, o.Path)
		}
	}
}
