package readahead

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// closed tells when it is.
type closed struct {
	io.Reader
	done chan struct{}
}

func (c *closed) Close() error {
	close(c.done)
	return nil
}

func TestWhatIsReadAheadIsWhatThereIs(t *testing.T) {
	data := []byte(strings.Repeat("0123456789", 3_000_000))
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		r    io.Reader
		want []byte
		err  error
	}{
		"all":             {bytes.NewReader(data), data, nil},
		"in small pieces": {iotest.HalfReader(bytes.NewReader(data[:1000])), data[:1000], nil},
		"with an error":   {io.MultiReader(bytes.NewReader(data[:300_000]), iotest.ErrReader(broken)), data[:300_000], broken},
		"end with data":   {iotest.DataErrReader(bytes.NewReader(data[:70_000])), data[:70_000], nil},
		"nothing":         {bytes.NewReader(nil), nil, nil},
	} {
		r := &closed{Reader: tt.r, done: make(chan struct{})}
		got, err := io.ReadAll(New(t.Context(), r, NewPool(1)))
		if !bytes.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		<-r.done
	}
}

func TestAReaderThatWaitsForAPipeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pipe, w := io.Pipe()
	r := &closed{Reader: pipe, done: make(chan struct{})}
	a := New(ctx, r, NewPool(1))
	cancel()
	if _, err := io.ReadAll(a); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w.Close() // only this ends the goroutine
	<-r.done
}
