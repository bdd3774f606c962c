package image

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// faulty stands before the registry, and does something else the first time that it is asked for anything.
type faulty struct {
	host string

	mu     sync.Mutex
	asked  map[string]int // by method and path
	ranges []string
}

func (b *b) faulty() *faulty {
	b.Helper()
	f := &faulty{asked: map[string]int{}}
	target, err := url.Parse("http://" + registry)
	b.Must(err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !f.fails(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	b.TB.Cleanup(s.Close)
	f.host = strings.TrimPrefix(s.URL, "http://")
	return f
}

func (f *faulty) fails(w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := r.Method + " " + r.URL.Path
	if i := strings.Index(what, "/uploads/"); i > 0 { // each has another name
		what = what[:i]
	}
	f.asked[what]++
	if text := r.Header.Get("Range"); text != "" {
		f.ranges = append(f.ranges, text)
	}
	if f.asked[what] > 1 {
		return false
	}
	switch {
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/"):
		return f.breaks(w, r)
	case r.Method == http.MethodPatch:
		io.CopyN(io.Discard, r.Body, 1000)
		panic(http.ErrAbortHandler)
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/manifests/"):
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case r.Method == http.MethodPost || r.Method == http.MethodPut:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		return false
	}
	return true
}

// breaks sends the first part of a large blob, and of a small one nothing but an error.
func (f *faulty) breaks(w http.ResponseWriter, r *http.Request) bool {
	resp, err := http.Get("http://" + registry + r.URL.Path)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if resp.ContentLength < 1<<20 {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	w.Header().Set("Content-Length", resp.Header.Get("Content-Length"))
	io.CopyN(w, resp.Body, 1<<20)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func TestFaultsOfARegistryThatPassAreNotSeen(t *testing.T) {
	b := begin(t)
	img := b.busybox(b.noise("a", 4<<20))
	want, err := img.Digest()
	b.Must(err)
	f := b.faulty()
	b.Ok(b.bundle("push", "oci:"+b.savedLayout(img), f.host+"/faults:1"))
	if d := b.is("faults:1"); d.Digest != want {
		t.Errorf("there is %s, want %s", d.Digest, want)
	}
	r := b.Ok(b.bundle("pull", f.host+"/faults:1"))
	if strings.TrimSpace(r.Stdout) != want.String() || !strings.Contains(r.Stderr, ", resumed") {
		t.Errorf("%v", r)
	}
	m, err := img.Manifest()
	b.Must(err)
	if whole, half := b.blobs(); whole != len(m.Layers)+2 || half != 0 {
		t.Errorf("%d blobs, %d half there", whole, half)
	}
	if len(f.ranges) == 0 {
		t.Error("nothing was asked for from the middle on")
	}
	for _, text := range f.ranges {
		if text != "bytes=1048576-" {
			t.Errorf("asked for %s", text)
		}
	}
	for what, n := range f.asked {
		if strings.HasPrefix(what, "GET /v2/faults/") && n != 2 {
			t.Errorf("%s: asked %d times", what, n)
		}
	}
}

func TestARegistryWhoseFaultStaysIsToldOfInOneLine(t *testing.T) {
	b := begin(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return
		}
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "<html>\n<h1>down</h1>\n</html>")
	}))
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "http://")
	r := b.Fails(b.bundle("pull", "-q", host+"/x:1"), "not before 2h0m0s: GET http://"+host+"/v2/x/manifests/1: 503 Service Unavailable")
	if strings.Count(r.Stderr, "\n") != 1 {
		t.Errorf("%v", r)
	}
}
