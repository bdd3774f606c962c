package registry

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/creel-project/creel/internal/bundle/credentials"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// told is an error in other words.
type told struct {
	text string
	error
}

func (t *told) Error() string { return t.text }

func (t *told) Unwrap() error { return t.error }

// tell makes one line of what went wrong with a registry, without what is secret: credentials, and the parameters of
// addresses, which may be signed. If it did not let the caller in, it says with whose credentials.
func tell(err error, repo name.Repository, found *credentials.Found) error {
	var status *transport.Error
	request := requestOf(err)
	text := err.Error()
	switch {
	case errors.As(err, &status):
		text = answer(status)
		if refused(status) {
			text = found.Refused(repo.RegistryStr()) + ": " + text
		}
	case request != nil:
		text = fmt.Sprintf("%s %s: %v", strings.ToUpper(request.Op), withoutQuery(request.URL), request.Err)
	case strings.Contains(text, "no token in bearer response"): // and then the answer, with another one
		text = "the token server's answer has no token"
	}
	return &told{found.Hide(line(text)), err}
}

// requestOf is the request that failed; nil if there were two, with TLS and without: then both are told of.
func requestOf(err error) *url.Error {
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(*url.Error); ok {
			return e
		}
	}
	return nil
}

// answer says what a registry answered to what.
func answer(e *transport.Error) string {
	text := fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.Request != nil {
		text = fmt.Sprintf("%s %s: %s", e.Request.Method, withoutQuery(e.Request.URL.String()), text)
	}
	for _, d := range e.Errors {
		text += fmt.Sprintf(": %s: %s", d.Code, d.Message)
	}
	return text
}

// refused says whether an answer is that the credentials do not do. A token server says 400 to a wrong identity token
// (RFC 6749, 5.2).
func refused(e *transport.Error) bool {
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	case http.StatusBadRequest:
		return e.Request != nil && e.Request.Method == http.MethodPost && !strings.HasPrefix(e.Request.URL.Path, "/v2/")
	}
	return false
}

func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// line is text in one line of bearable length.
func line(text string) string {
	const most = 1000
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
