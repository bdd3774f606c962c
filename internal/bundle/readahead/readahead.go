// Package readahead reads what is asked for later in a goroutine of its own, so that decompression and writing go on at once.
package readahead

import (
	"context"
	"io"
)

// How much is read before it is asked for: so many chunks of so many bytes.
const (
	chunks    = 96
	chunkSize = 256 << 10
)

// A Pool has chunks that no Reader needs at the moment. Memory that is new costs as much as what is done with it.
type Pool chan []byte

// NewPool is for so many Readers at a time.
func NewPool(readers int) Pool { return make(Pool, readers*chunks) }

func (p Pool) get() []byte {
	select {
	case c := <-p:
		return c[:chunkSize]
	default:
		return make([]byte, chunkSize)
	}
}

func (p Pool) put(c []byte) {
	select {
	case p <- c:
	default:
	}
}

// A Reader has what its goroutine read. It is for one goroutine.
type Reader struct {
	ctx   context.Context
	pool  Pool
	full  chan []byte
	turns chan struct{} // one for each chunk that may be filled
	err   error         // when full is closed

	data, chunk []byte
}

// New reads r until it or ctx ends, and closes it then, in the goroutine: nobody else may close what another one reads.
func New(ctx context.Context, r io.ReadCloser, pool Pool) *Reader {
	a := &Reader{ctx: ctx, pool: pool, full: make(chan []byte, chunks), turns: make(chan struct{}, chunks)}
	go a.run(r)
	return a
}

func (a *Reader) run(r io.ReadCloser) {
	defer close(a.full)
	defer r.Close()
	for a.err == nil {
		select {
		case a.turns <- struct{}{}:
		case <-a.ctx.Done():
			a.err = context.Cause(a.ctx)
			return
		}
		chunk, n := a.pool.get(), 0
		for n < len(chunk) && a.err == nil {
			var got int
			got, a.err = r.Read(chunk[n:])
			n += got
		}
		a.full <- chunk[:n] // it has room for all chunks
	}
}

// Read returns content as soon as there is some, and the cause of ctx's end when that comes first.
func (a *Reader) Read(p []byte) (int, error) {
	for len(a.data) == 0 {
		if a.chunk != nil {
			a.pool.put(a.chunk)
			a.chunk = nil
			<-a.turns
		}
		select {
		case chunk, ok := <-a.full:
			if !ok {
				return 0, a.err
			}
			a.chunk, a.data = chunk, chunk
		case <-a.ctx.Done(): // the goroutine may wait for a pipe that nobody writes to
			return 0, context.Cause(a.ctx)
		}
	}
	n := copy(p, a.data)
	a.data = a.data[n:]
	return n, nil
}
