package registry

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// patience is how long a registry may send nothing.
var patience = time.Minute

// errSilent is a registry that did not answer in time. The library's own errors do not always show that.
var errSilent = errors.New("no answer")

type silent struct{ error }

func (silent) Is(target error) bool { return target == errSilent }

func (s silent) Unwrap() error { return s.error }

// patient marks errors of requests that nobody answers, and ends answers that stop coming: also those that the library reads, of the
// token server and of what went wrong.
type patient struct {
	http.RoundTripper
	wait time.Duration
}

// maxGreeting is how many bytes are read of what a registry says to the question whether it is one, of which only the header counts: the
// library reads it to its end.
const maxGreeting = 1 << 20

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.RoundTripper.RoundTrip(r)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() && r.Context().Err() == nil {
		err = silent{err}
	}
	if err != nil {
		return nil, err
	}
	resp.Body = watch(resp.Body, p.wait)
	if strings.HasSuffix(r.URL.Path, "/v2/") {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxGreeting), resp.Body}
	}
	return resp, nil
}

// watched ends a body that sends nothing for too long to somebody who reads: a disk may keep the reader busy for longer.
type watched struct {
	io.ReadCloser
	wait  time.Duration
	timer *time.Timer // nil until the first read; runs while something is read
	late  atomic.Bool
}

func watch(body io.ReadCloser, wait time.Duration) *watched {
	return &watched{ReadCloser: body, wait: wait}
}

func (w *watched) Read(p []byte) (int, error) {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.wait, func() { // twice, if something comes in the moment that it is too late
			w.late.Store(true)
			w.ReadCloser.Close()
		})
	} else {
		w.timer.Reset(w.wait)
	}
	n, err := w.ReadCloser.Read(p)
	w.timer.Stop()
	if w.late.Load() {
		return n, fmt.Errorf("nothing came for %v: %w", w.wait, io.ErrUnexpectedEOF)
	}
	return n, err
}
