package security

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// exchange swaps a directory of the root filesystem with a link to the victim,
// without a pause, until stop is closed: what a neighbour with a shared volume
// can do.
func exchange(h *harness.H, a, b string, stop chan struct{}) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_ = unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
			}
		}
	}()
	return done
}

// CVE-2021-30465, CVE-2024-45310: a directory becomes a link between the
// moment at which it is looked at and the moment at which it is used.
func TestARenamerThatRacesWithTheMountsReachesNothingOutside(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	h.Must(os.Mkdir(h.Path("source"), 0o755))
	h.Must(os.Mkdir(filepath.Join(root, "vol"), 0o755))
	link(h, root, "evil", v.dir)
	stop := make(chan struct{})
	done := exchange(h, filepath.Join(root, "vol"), filepath.Join(root, "evil"), stop)
	var mounts []harness.Mutate
	for i := range 8 {
		n := strconv.Itoa(i)
		mounts = append(mounts, harness.Bind(h.Path("source"), "/vol/a"+n+"/b/c"), harness.Bind(h.Path("source"), "/evil/d"+n))
	}
	ran := 0
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		r := h.Run(h.Bundle(append(mounts, harness.Root(root), harness.Args("/bin/true"))...))
		if r.Status == 0 {
			ran++
		}
		v.unchanged()
		if t.Failed() {
			break
		}
		for i := range 8 { // so that there is something to make the next time
			h.Must(os.RemoveAll(filepath.Join(root, "vol", "a"+strconv.Itoa(i))))
			h.Must(os.RemoveAll(filepath.Join(root, "evil", "a"+strconv.Itoa(i))))
			h.Must(os.RemoveAll(filepath.Join(root, v.dir)))
		}
	}
	close(stop)
	<-done
	t.Logf("%d containers ran to their end", ran)
	v.unchanged()
}
