package registry

import (
	"fmt"
	"io"
	"time"
)

// patience is how long a registry may send nothing.
var patience = time.Minute

// watched ends a body that sends nothing for too long.
type watched struct {
	io.ReadCloser
	timer *time.Timer
	late  chan struct{}
}

func watch(body io.ReadCloser) io.ReadCloser {
	w := &watched{ReadCloser: body, late: make(chan struct{})}
	w.timer = time.AfterFunc(patience, func() {
		close(w.late)
		body.Close()
	})
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	select {
	case <-w.late:
		return n, fmt.Errorf("nothing came for %v: %w", patience, io.ErrUnexpectedEOF)
	default:
		w.timer.Reset(patience)
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	return w.ReadCloser.Close()
}
