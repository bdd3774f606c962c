package rootfs

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// racers exchange names in a directory with links to the host until stop is called, and say how often they could.
func racers(h *harness.H, root, host string, names ...string) (stop func() int64) {
	var swaps atomic.Int64
	var end atomic.Bool
	var all sync.WaitGroup
	for i, name := range names {
		trap := filepath.Join(filepath.Dir(root), fmt.Sprintf("trap%d", i))
		h.Must(os.Symlink(host, trap))
		all.Go(func() {
			for !end.Load() {
				// The directory is opened without links, or the swap itself would lead to the host.
				fd, err := unix.Open(filepath.Join(root, filepath.Dir(name)), unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
				if err != nil {
					continue
				}
				if unix.Renameat2(fd, filepath.Base(name), unix.AT_FDCWD, trap, unix.RENAME_EXCHANGE) == nil {
					swaps.Add(1)
				}
				unix.Close(fd)
			}
		})
	}
	return func() int64 {
		end.Store(true)
		all.Wait()
		return swaps.Load()
	}
}

func TestANameThatIsSwappedDuringExtractionDoesNotLeadOut(t *testing.T) {
	h := harness.New(t)
	dir, unchanged := host(h)
	root := h.Path("root")
	h.Must(os.Mkdir(root, 0o755))
	r, err := rootfs.Open(root)
	h.Must(err)
	defer r.Close()
	layers := [][]byte{
		archive(h, folder("a"), folder("a/sub"), file("a/file", "new").mode(0o4777).owner(7, 7), file("a/sub/file", "new")),
		archive(h, folder("b").mode(0o777).owner(7, 7), link("b/link", "x").owner(7, 7), file("b/fifo", "").by(func(h *tar.Header) { h.Typeflag = tar.TypeFifo })),
		archive(h, file("b/file", "new"), hard("b/hard", "a/file"), hard("a/file", "b/file")),
		archive(h, file(".wh.a", ""), file("b/.wh..wh..opq", ""), file("a/.wh.file", "")),
	}
	stop := racers(h, root, dir, "a", "b", "a/sub", "a/file", "b/fifo", "b/link")
	var failed int
	for i := range 600 {
		x := rootfs.New(r, rootfs.Options{})
		if err := x.Layer(context.Background(), bytes.NewReader(layers[i%len(layers)])); err != nil {
			failed++ // what is swapped may be in the way; that is no harm
		} else if err := x.Finish(); err != nil {
			failed++
		}
	}
	swaps := stop()
	unchanged()
	if swaps < 100 || failed == 600 {
		t.Errorf("%d swaps, %d of 600 extractions failed: this test has not seen a race", swaps, failed)
	}
}
