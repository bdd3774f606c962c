package source

import (
	"context"
	"io"
)

const (
	chunks    = 64
	chunkSize = 256 << 10
)

// A reader ahead is read by a goroutine of its own, so that decompression and writing go on at once.
type ahead struct {
	ctx   context.Context
	full  chan []byte
	free  chan []byte
	err   error // when full is closed
	chunk []byte
	rest  []byte
}

// readAhead reads r until it ends or ctx does, and calls end then, in its goroutine: nobody else may close what another
// one reads.
func readAhead(ctx context.Context, r io.Reader, end func(error)) *ahead {
	a := &ahead{ctx: ctx, full: make(chan []byte, chunks), free: make(chan []byte, chunks)}
	for range chunks {
		a.free <- nil
	}
	go a.run(r, end)
	return a
}

func (a *ahead) run(r io.Reader, end func(error)) {
	defer close(a.full)
	defer func() { end(a.err) }()
	for a.err == nil {
		var chunk []byte
		select {
		case chunk = <-a.free:
		case <-a.ctx.Done():
			a.err = context.Cause(a.ctx)
			return
		}
		if chunk == nil {
			chunk = make([]byte, chunkSize)
		}
		n := 0
		for n < chunkSize && a.err == nil {
			got, err := r.Read(chunk[n:chunkSize])
			n, a.err = n+got, err
		}
		a.full <- chunk[:n] // it holds all chunks that there are
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.chunk != nil {
			a.free <- a.chunk[:chunkSize]
			a.chunk = nil
		}
		select {
		case chunk, ok := <-a.full:
			if !ok {
				return 0, a.err
			}
			a.chunk, a.rest = chunk, chunk
		case <-a.ctx.Done(): // the goroutine may wait for a pipe that nobody writes to
			return 0, context.Cause(a.ctx)
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}
