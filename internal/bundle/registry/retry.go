package registry

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sys/unix"
)

// tries of one request, and how long is waited before the second. The wait doubles each time.
const tries = 5

var firstWait = time.Second

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
		select {
		case <-time.After(wait):
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
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE) ||
		errors.As(err, &netErr) && netErr.Timeout()
}
