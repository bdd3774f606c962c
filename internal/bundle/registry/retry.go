package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sys/unix"
)

// tries of one request, and how long is waited before the second. The wait doubles each time.
const tries = 5

var firstWait = time.Second

// longest is the longest wait that a registry may ask for. If it asks for more, a person has to decide.
const longest = time.Minute

// retry calls a request until it succeeds, or its error will not pass with time.
func retry(ctx context.Context, request func() error) error {
	wait := firstWait
	lies := 0
	for n := 1; ; n++ {
		err := request()
		if err == nil || n == tries || ctx.Err() != nil {
			return err
		}
		// What was fetched in parts may have been of two answers; it is gone, and fetched once more.
		if errors.Is(err, store.ErrDigest) {
			if lies++; lies > 1 {
				return err
			}
		} else if !passes(err) {
			return err
		}
		var asked *later
		if errors.As(err, &asked) && asked.wait > longest {
			return err
		}
		pause := wait
		if asked != nil {
			pause = max(pause, asked.wait)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		wait *= 2
	}
}

// passes says whether the same request may succeed later.
func passes(err error) bool {
	var status *transport.Error
	if errors.As(err, &status) {
		switch status.StatusCode {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary || dns.IsTimeout
	}
	var netErr net.Error
	return errors.Is(err, errSilent) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE) ||
		errors.As(err, &netErr) && netErr.Timeout()
}

// later is an error of a registry that said when to ask again.
type later struct {
	error
	wait time.Duration
}

func (l *later) Unwrap() error { return l.error }

func (l *later) Error() string {
	if l.wait <= longest {
		return l.error.Error()
	}
	return fmt.Sprintf("not before %v: %v", l.wait.Round(time.Second), l.error)
}

// retryAfter reads how long a registry wants not to be asked: seconds, or a date (RFC 9110, 10.2.3). It is 0 if it
// does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
