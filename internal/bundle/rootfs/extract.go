package rootfs

import (
	"archive/tar"
	"context"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"golang.org/x/sys/unix"
)

// An Extractor unpacks one archive after another into a Root. It is for one goroutine.
type Extractor struct {
	root   *Root
	o      Options
	report Report
	umask  uint32
	layers bool // there is something below this layer, which whiteouts may remove

	open    map[string]*dir   // directories by their cleaned name in the archives
	made    places            // what this layer has made, if whiteouts may have to know it
	emptied places            // directories in which nothing of lower layers is left
	finals  map[string]*final // what directories get when nothing is written in them any more
	kept    int64             // bytes of memory that these need
	rootSet bool              // an entry says what the root is like
	buf     []byte
	entry   string // name of the entry at hand, as the archive has it
}

// New unpacks into root, which it does not close.
func New(root *Root, o Options) *Extractor {
	return &Extractor{
		root: root, o: o, umask: umask(), layers: root.parent < 0,
		open: map[string]*dir{}, finals: map[string]*final{}, buf: make([]byte, 1<<20),
	}
}

// Report is what was unpacked so far. It is the Extractor's.
func (x *Extractor) Report() *Report { return &x.report }

// Layer unpacks an uncompressed layer onto what was unpacked before, and reads r to its end (image-spec, layer.md).
// After an error the root is in no particular state.
func (x *Extractor) Layer(ctx context.Context, r io.Reader) error {
	x.made = nil
	if x.layers && x.o.Whiteouts == Apply {
		x.made, x.emptied = places{}, places{}
	}
	x.layers = true
	_, err := x.archive(ctx, r, x.layerEntry)
	return err
}

// Flat unpacks the uncompressed archive of a whole root filesystem, as docker-export(1) writes it, and reads r to its
// end. An archive without an end mark is an error: there is no digest that would tell that it was cut off.
func (x *Extractor) Flat(ctx context.Context, r io.Reader) error {
	x.made = nil
	x.layers = true
	whole, err := x.archive(ctx, r, x.plainEntry)
	if err == nil && !whole {
		err = fmt.Errorf("archive ends after %d entries without its end mark: %w", x.report.Entries, io.ErrUnexpectedEOF)
	}
	return err
}

// MaxName is the length in bytes of the longest path (PATH_MAX without the NUL). That of an archive may have a mebibyte.
const MaxName = unix.PathMax - 1

// archive hands each entry to unpack, and says whether there was an end mark.
func (x *Extractor) archive(ctx context.Context, r io.Reader, unpack func(*tar.Header, io.Reader) error) (whole bool, err error) {
	defer x.closeDirs()
	m := newMeter(ctx, r, x)
	t := tar.NewReader(m)
	for {
		h, err := t.Next()
		if err == io.EOF {
			whole = m.zero
			return whole, m.drain()
		}
		if err != nil {
			return false, fmt.Errorf("archive, after %d entries: %w", x.report.Entries, err)
		}
		x.report.Entries++
		if max := x.o.Limits.Entries; max > 0 && x.report.Entries > max {
			return false, &LimitError{What: "entries", Limit: max}
		}
		if n := max(len(h.Name), len(h.Linkname)); n > MaxName { // which no error is to repeat
			return false, fmt.Errorf("archive, entry %d: a name of %d bytes; the longest has %d", x.report.Entries, n, MaxName)
		}
		if len(x.open) > maxOpen {
			x.closeDirs()
		}
		x.entry = h.Name
		if err := unpack(h, bounded.By(ctx, t)); err != nil {
			return false, fmt.Errorf("entry %q: %w", h.Name, err)
		}
	}
}

// plainEntry unpacks an entry in which no name has a meaning.
func (x *Extractor) plainEntry(h *tar.Header, data io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	parent, base, err := split(h.Name)
	if err != nil {
		return err
	}
	return x.unpack(h, parent, base, data)
}

// umask of the process, as the kernel shows it without changing it (Linux 4.7); what cannot be read counts as all bits.
func umask() uint32 {
	data := make([]byte, 4<<10)
	fd, err := unix.Open("/proc/self/status", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0o777
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, data)
	if err != nil {
		return 0o777
	}
	return umaskIn(string(data[:n]))
}
