// Package bounded reads what others wrote no further than it may: so many bytes, or as long as somebody wants it.
package bounded

import (
	"context"
	"fmt"
	"io"
)

// All reads r to its end, which comes within most bytes, or is an error.
func All(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// By ends r with the cause of ctx's end, for readers that do not know it, as the one of a sparse file's holes, which have no end that
// anybody sees.
func By(ctx context.Context, r io.Reader) io.Reader { return &by{ctx, r} }

type by struct {
	ctx context.Context
	r   io.Reader
}

func (b *by) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	return b.r.Read(p)
}
