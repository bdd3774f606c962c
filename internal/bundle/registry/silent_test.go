package registry

import (
	"errors"
	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// impatient lets a registry be silent for a moment only.
func impatient(t *testing.T) {
	t.Helper()
	before := patience
	patience = 300 * time.Millisecond
	t.Cleanup(func() { patience = before })
}

func TestARegistryThatFallsSilentIsGivenUp(t *testing.T) {
	impatient(t)
	stop := make(chan struct{})
	var blobs atomic.Pointer[map[string][]byte]
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		m := blobs.Load()
		if !isBlob(r) || m == nil || (*m)[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]] == nil {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte("a few"))
		w.(http.Flusher).Flush()
		<-stop
		return true
	})
	img := imageFor(t, "linux/amd64", 1000, 1)
	push(t, host+"/silent:1", img)
	m := layerBlobs(t, img)
	blobs.Store(&m)
	_, err := pullInto(t, imagetest.Store(t), host+"/silent:1", "linux/amd64")
	close(stop)
	if err == nil || !strings.Contains(err.Error(), "nothing came for 300ms") {
		t.Error(err)
	}
}

func TestADownloadThatStallsGoesOnWhereItWas(t *testing.T) {
	impatient(t)
	stop := make(chan struct{})
	defer close(stop)
	var mu sync.Mutex
	var blobs map[string][]byte
	stalled, ranges := map[string]bool{}, []string{}
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		digest := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		text, first := blobs[digest], !stalled[digest]
		if !isBlob(r) || text == nil {
			mu.Unlock()
			return false
		}
		stalled[digest] = true
		if !first {
			ranges = append(ranges, r.Header.Get("Range"))
		}
		mu.Unlock()
		if !first {
			w.Header().Set("Content-Range", "bytes 1000-"+strconv.Itoa(len(text)-1)+"/"+strconv.Itoa(len(text)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(text[1000:])
			return true
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.Write(text[:1000])
		w.(http.Flusher).Flush()
		<-stop
		return true
	})
	img := imageFor(t, "linux/amd64", 5000, 2)
	push(t, host+"/stalls:1", img)
	mu.Lock()
	blobs = layerBlobs(t, img)
	mu.Unlock()
	s := imagetest.Store(t)
	if _, err := pullInto(t, s, host+"/stalls:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	whole(t, s, img)
	for _, r := range ranges {
		if r != "bytes=1000-" {
			t.Errorf("it went on with %q", r)
		}
	}
	if len(ranges) != 2 {
		t.Errorf("ranges %q", ranges)
	}
}

func TestARegistryThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	impatient(t)
	stop := make(chan struct{})
	defer close(stop)
	var silent, asked sync.Map
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if _, on := silent.Load("on"); !on {
			return false
		}
		if _, again := asked.LoadOrStore(r.URL.Path, true); again {
			return false
		}
		select {
		case <-stop:
		case <-r.Context().Done():
		}
		return true
	})
	img := imageFor(t, "linux/amd64", 100, 2)
	push(t, host+"/mute:1", img)
	silent.Store("on", true)
	s := imagetest.Store(t)
	if _, err := pullInto(t, s, host+"/mute:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	whole(t, s, img)
}

func TestARegistryIsNotAskedBeforeItWantsToBe(t *testing.T) {
	var n atomic.Int32
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		n.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		w.Write([]byte(`{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your\nlimit"}]}`))
		return true
	})
	_, err := pullInto(t, imagetest.Store(t), host+"/busy:1", "linux/amd64")
	if err == nil || !strings.Contains(err.Error(), "not before 1h0m0s: GET ") || !strings.HasSuffix(err.Error(), "429 Too Many Requests: TOOMANYREQUESTS: You have reached your limit") {
		t.Error(err)
	}
	if n.Load() != 1 {
		t.Errorf("it was asked %d times", n.Load())
	}
}

func TestWhenToAskAgainIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0": 0, "-1": 0, "soon": 0, "99999999999999999999": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:04:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAGreetingWithoutAnEndIsNotReadToIt(t *testing.T) {
	for name, more := range map[string]func(w http.ResponseWriter, r *http.Request){
		"stalls": func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"goes on": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1<<16))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			impatient(t)
			var on atomic.Bool
			host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/v2/" || !on.Load() {
					return false
				}
				w.WriteHeader(http.StatusOK)
				w.(http.Flusher).Flush()
				more(w, r)
				return true
			})
			img := imageFor(t, "linux/amd64", 100, 1)
			push(t, host+"/long:1", img)
			on.Store(true)
			s := imagetest.Store(t)
			if _, err := pullInto(t, s, host+"/long:1", "linux/amd64"); err != nil {
				t.Fatal(err)
			}
			whole(t, s, img)
		})
	}
}

func TestAnErrorThatStallsIsNotWaitedFor(t *testing.T) {
	impatient(t)
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	})
	if _, err := pullInto(t, imagetest.Store(t), host+"/stalls:1", "linux/amd64"); err == nil {
		t.Error("it was pulled")
	}
}

// held is a body whose reads wait until it is closed, and tell each time that it is.
type held struct{ closed chan struct{} }

func (h held) Read([]byte) (int, error) { <-h.closed; return 1, nil }

func (h held) Close() error {
	h.closed <- struct{}{}
	return nil
}

func TestABodyMayBeTooLateTwice(t *testing.T) {
	w := watch(held{make(chan struct{})}, time.Millisecond)
	for range 2 { // something comes in the moment that it is too late, and more is read
		if _, err := w.Read(make([]byte, 1)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	}
}

func TestABodyThatNobodyReadsIsNotLate(t *testing.T) {
	closed := make(chan struct{}, 1)
	w := watch(struct {
		io.Reader
		io.Closer
	}{strings.NewReader("xy"), held{closed}}, time.Second)
	for range 2 {
		if _, err := w.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		select {
		case <-closed:
			t.Error("it was closed while nobody read")
		case <-time.After(w.wait * 5 / 4):
		}
	}
}
