package rootfs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
)

// A LimitError says that an archive is larger than allowed.
type LimitError struct {
	What  string // as "bytes" or "entries"
	Limit int64
}

func (e *LimitError) Error() string { return fmt.Sprintf("more than %d %s", e.Limit, e.What) }

// A meter reads an archive for tar.Reader, counts it, and ends it at the limit or with its context.
type meter struct {
	ctx  context.Context
	r    *bufio.Reader
	x    *Extractor
	zero bool // the last block that was read on its own has zeros only: an end mark has such blocks
}

// Small reads are for headers and small files: few system calls where r is a file.
func newMeter(ctx context.Context, r io.Reader, x *Extractor) *meter {
	return &meter{ctx: ctx, r: bufio.NewReaderSize(r, 256<<10), x: x}
}

const block = 512

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, context.Cause(m.ctx)
	}
	n, err := m.r.Read(p)
	if n > 0 {
		m.zero = len(p) == block && allZero(p[:n])
		if err := m.x.count(int64(n)); err != nil {
			return 0, err
		}
	}
	return n, err
}

// drain reads what stands behind the end mark, which a digest covers as well.
func (m *meter) drain() error {
	for {
		if _, err := m.Read(m.x.buf); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("archive, after its end mark: %w", err)
		}
	}
}

// count adds to the bytes that were unpacked.
func (x *Extractor) count(n int64) error {
	most := x.o.Limits.Bytes
	if most == 0 {
		most = math.MaxInt64
	}
	if n > most-x.report.Bytes { // which a sum, as of sparse files, that is too large for its type would not be
		return &LimitError{What: "bytes", Limit: most}
	}
	x.report.Bytes += n
	return nil
}

// allZero says whether there are only zeros.
func allZero(p []byte) bool {
	for len(p) >= len(zeros) {
		if string(p[:len(zeros)]) != zeros {
			return false
		}
		p = p[len(zeros):]
	}
	return string(p) == zeros[:len(p)]
}

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
