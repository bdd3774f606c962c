package initproc_test

import (
	"errors"
	"testing"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

func bound(t *testing.T, list string) plan.Op {
	t.Helper()
	m, err := numlist.Parse(list, numlist.CPUs)
	must(t, err)
	o := plan.NewOp(plan.Affinity, "", "bind")
	o.Text = m.Bytes()
	return o
}

// TestInitBindsItselfToTheCPUsOfTheMask, of which more may be named than there are.
func TestInitBindsItselfToTheCPUsOfTheMask(t *testing.T) {
	var ours unix.CPUSet
	must(t, unix.SchedGetaffinity(0, &ours))
	for _, list := range []string{"0", "0,8191"} {
		s := start(t, []plan.Op{bound(t, list), plan.NewOp(plan.Sync, "", "wait")})
		if m, err := s.ch.Recv(); err != nil || m.Op != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		var its unix.CPUSet
		must(t, unix.SchedGetaffinity(s.cmd.Process.Pid, &its))
		if its.Count() != 1 || !its.IsSet(0) {
			t.Errorf("%s: init may run on %v; this process on %v", list, its, ours)
		}
	}
}

func TestCPUsThatAreNotThereAreAnError(t *testing.T) {
	if err := start(t, []plan.Op{bound(t, "8191")}).failure(); !errors.Is(err, unix.EINVAL) {
		t.Error(err)
	}
}
