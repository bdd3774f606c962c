package registry

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long a registry may send nothing.
var patience = time.Minute

// errSilent is a registry that did not answer in time. The library's own errors do not always show that.
var errSilent = errors.New("no answer")

type silent struct{ error }

func (silent) Is(target error) bool { return target == errSilent }

func (s silent) Unwrap() error { return s.error }

// patient marks errors of requests that nobody answers.
type patient struct{ http.RoundTripper }

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.RoundTripper.RoundTrip(r)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() && r.Context().Err() == nil {
		err = silent{err}
	}
	return resp, err
}

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
