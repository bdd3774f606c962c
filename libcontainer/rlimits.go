package libcontainer

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// setRlimit sets a limit of init's that it may not set itself: it is root in its
// user namespace only, and the limit is above the hard one.
func (d *dialogue) setRlimit(op *plan.Op) error {
	lim := unix.Rlimit{Cur: op.N[1], Max: op.N[2]}
	if err := unix.Prlimit(d.pid, int(op.N[0]), &lim, nil); err != nil {
		return fmt.Errorf("%s: %w", op.Label(), err)
	}
	return nil
}

// setOOMScore writes process.oomScoreAdj. Without CAP_SYS_RESOURCE a value
// below the current one is refused; rootless callers live with that.
func (d *dialogue) setOOMScore(pid int, adj *int) error {
	if adj == nil {
		return nil
	}
	err := writeProc(pid, "oom_score_adj", strconv.Itoa(*adj))
	if err != nil && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)) && d.rt.rootless() {
		d.rt.warn("process.oomScoreAdj: " + err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("process.oomScoreAdj: %w", err)
	}
	return nil
}
