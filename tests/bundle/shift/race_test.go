package shift

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/internal/bundle/shift"
	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

func TestADirectoryThatIsSwappedForALinkDoesNotLeadOut(t *testing.T) {
	h := harness.New(t)
	host := tree(h, "host", itself)
	before := trees.Describe(h, host)
	dir := tree(h, "root", itself)
	h.Must(os.Symlink(host, h.Path("trap")))
	h.Must(os.Symlink(filepath.Join(host, "0/suid"), h.Path("file-trap")))
	sub, err := unix.Open(filepath.Join(dir, "42"), unix.O_PATH|unix.O_DIRECTORY, 0)
	h.Must(err)
	defer unix.Close(sub)
	top, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	h.Must(err)
	defer unix.Close(top)
	var swaps atomic.Int64
	var end atomic.Bool
	var racers sync.WaitGroup
	race := func(fd int, name, trap string) {
		racers.Go(func() {
			for !end.Load() {
				if unix.Renameat2(fd, name, unix.AT_FDCWD, trap, unix.RENAME_EXCHANGE) == nil {
					swaps.Add(1)
				}
			}
		})
	}
	race(top, "0", h.Path("trap"))
	race(sub, "suid", h.Path("file-trap"))
	failed := 0
	m, err := shift.Parse("0:100000:65536")
	h.Must(err)
	for i := range 300 {
		// What is swapped meanwhile may be an error: then the other direction cannot begin before this one is finished.
		if _, err := shift.Run(context.Background(), dir, m, i%2 == 1); err != nil {
			failed++
			os.Remove(h.Path(".root.creel-shift"))
			unix.Removexattr(dir, "trusted.creel.shift")
		}
	}
	end.Store(true)
	racers.Wait()
	trees.Same(h, trees.Describe(h, host), before)
	if swaps.Load() < 100 || failed == 300 {
		t.Errorf("%d swaps, %d of 300 shifts failed: this test has not seen a race", swaps.Load(), failed)
	}
}
