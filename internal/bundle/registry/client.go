// Package registry fetches images from registries and sends them there (OCI distribution-spec 1.1).
package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/creel-project/creel/internal/bundle/credentials"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/internal/version"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Parse reads a reference as Docker's users write it: debian:12 is docker.io/library/debian:12. plainHTTP lets the
// registry be spoken to without TLS; one on a loopback or private address may be anyway.
func Parse(text string, plainHTTP bool) (name.Reference, error) {
	var opts []name.Option
	if plainHTTP {
		opts = append(opts, name.Insecure)
	}
	ref, err := name.ParseReference(text, opts...)
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", text, err)
	}
	return ref, nil
}

// Name is the full name of a reference, under which it is stored.
func Name(ref name.Reference) string {
	full := ref.Name()
	if rest, ok := strings.CutPrefix(full, name.DefaultRegistry+"/"); ok {
		return "docker.io/" + rest
	}
	return full
}

// base is the transport below the one that authenticates. An answer begins within patience, and goes on.
func base(patience time.Duration) http.RoundTripper {
	rt := remote.DefaultTransport
	if t, ok := rt.(*http.Transport); ok {
		t = t.Clone()
		t.ResponseHeaderTimeout = patience
		rt = t
	}
	return transport.NewUserAgent(patient{rt, patience}, "creel-bundle/"+version.Version)
}

// client speaks to one repository.
type client struct {
	repo  name.Repository
	found *credentials.Found
	http  http.Client
}

func findCredentials(ctx context.Context, repo name.Repository) (*credentials.Found, error) {
	return credentials.Find(ctx, repo.RegistryStr()+"/"+repo.RepositoryStr())
}

// connect asks the registry how to authenticate, and does so.
func connect(ctx context.Context, repo name.Repository, found *credentials.Found) (*client, error) {
	rt, err := transport.NewWithContext(ctx, repo.Registry, found.Authenticator(), base(patience), []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, tell(err, repo, found)
	}
	return &client{repo: repo, found: found, http: http.Client{Transport: rt, CheckRedirect: judgeRedirect}}, nil
}

// judgeRedirect follows to where registries keep their blobs, but neither from TLS to none, nor from the net into the
// addresses of this machine and its neighbours.
func judgeRedirect(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) >= 10:
		return errors.New("it was redirected 10 times")
	case next.URL.Hostname() == first.Hostname():
		return nil
	case first.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("a redirection from TLS to %s://%s is not followed", next.URL.Scheme, next.URL.Host)
	case isInside(next.URL.Hostname()) && !isInside(first.Hostname()):
		return fmt.Errorf("a redirection from %s to the private address %s is not followed", first.Host, next.URL.Host)
	}
	return nil
}

func isInside(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified()
}

// get asks for a part of the repository. The answer has one of the statuses ok.
func (c *client) get(ctx context.Context, kind, id string, header http.Header, ok ...int) (*http.Response, error) {
	u := url.URL{Scheme: c.repo.Scheme(), Host: c.repo.RegistryStr(), Path: "/v2/" + c.repo.RepositoryStr() + "/" + kind + "/" + id}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = header
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, tell(err, c.repo, c.found)
	}
	if err := transport.CheckError(resp, ok...); err != nil {
		resp.Body.Close()
		return nil, &later{tell(err, c.repo, c.found), retryAfter(resp.Header, time.Now())}
	}
	return resp, nil
}

var manifestTypes = strings.Join([]string{
	string(types.OCIManifestSchema1), string(types.OCIImageIndex),
	string(types.DockerManifestSchema2), string(types.DockerManifestList),
}, ", ")

// manifest fetches a manifest or an index. With a digest its content is verified.
func (c *client) manifest(ctx context.Context, id string) (d v1.Descriptor, text []byte, err error) {
	err = retry(ctx, func() (err error) {
		d, text, err = c.askManifest(ctx, id)
		return err
	})
	return d, text, err
}

func (c *client) askManifest(ctx context.Context, id string) (v1.Descriptor, []byte, error) {
	resp, err := c.get(ctx, "manifests", id, http.Header{"Accept": {manifestTypes}}, http.StatusOK)
	if err != nil {
		return v1.Descriptor{}, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, store.MaxDocument+1))
	if err != nil {
		return v1.Descriptor{}, nil, fmt.Errorf("manifest %s: %w", id, err)
	}
	if len(text) > store.MaxDocument {
		return v1.Descriptor{}, nil, fmt.Errorf("manifest %s: it has more than %d bytes, which no registry takes", id, store.MaxDocument)
	}
	return describe(id, text, resp.Header.Get("Content-Type"))
}

// blob opens a blob from offset on, if the registry can, or from its start.
func (c *client) blob(ctx context.Context, d v1.Descriptor, offset int64) (io.ReadCloser, int64, error) {
	header := http.Header{}
	if offset > 0 && offset < d.Size {
		header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
	}
	resp, err := c.get(ctx, "blobs", d.Digest.String(), header, http.StatusOK, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable)
	if err != nil {
		return nil, 0, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp.Body, 0, nil
	case http.StatusPartialContent:
		var from int64
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-", &from); err == nil && from == offset {
			return resp.Body, offset, nil
		}
	}
	resp.Body.Close()
	if offset == 0 {
		return nil, 0, fmt.Errorf("blob %s: the registry answers %s with Content-Range %q", d.Digest, resp.Status, resp.Header.Get("Content-Range"))
	}
	return c.blob(ctx, d, 0) // it cannot go on
}
