package store

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func describe(text string) v1.Descriptor {
	h, n, _ := v1.SHA256(strings.NewReader(text))
	return v1.Descriptor{MediaType: types.OCILayer, Digest: h, Size: n}
}

// from opens text, and counts how often.
func from(text string, opened *atomic.Int32) Opener {
	return func(_ context.Context, offset int64) (io.ReadCloser, int64, error) {
		opened.Add(1)
		return io.NopCloser(strings.NewReader(text[offset:])), offset, nil
	}
}

func content(t *testing.T, s *Store, d v1.Descriptor) string {
	t.Helper()
	f, err := s.Blob(d.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// files lists what is in a part of the store.
func files(t *testing.T, s *Store, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Dir(), dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestABlobIsFetchedOnce(t *testing.T) {
	s := newStore(t)
	var opened atomic.Int32
	d := describe("content")
	for range 3 {
		if err := s.Fetch(t.Context(), d, from("content", &opened)); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != 1 || content(t, s, d) != "content" || len(files(t, s, "ingest")) != 0 {
		t.Errorf("opened %d times: %q, ingest has %v", opened.Load(), content(t, s, d), files(t, s, "ingest"))
	}
}

func TestOfManyWhoFetchABlobOneDoes(t *testing.T) {
	s := newStore(t)
	text := strings.Repeat("many ", 1<<18)
	d := describe(text)
	var opened atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			other, err := Open(t.Context(), s.Dir()) // as another process has it
			if err != nil {
				t.Error(err)
				return
			}
			defer other.Close()
			if err := other.Fetch(t.Context(), d, from(text, &opened)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 || content(t, s, d) != text {
		t.Errorf("it was opened %d times", opened.Load())
	}
}

func TestAContentThatIsNotWhatItsDigestSaysIsNotKept(t *testing.T) {
	s := newStore(t)
	for name, lie := range map[string]string{"other": "CONTENT", "longer": "content and more", "empty": ""} {
		d := describe("content")
		err := s.Fetch(t.Context(), d, func(context.Context, int64) (io.ReadCloser, int64, error) {
			return io.NopCloser(strings.NewReader(lie)), 0, nil
		})
		if name == "empty" {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, ErrDigest) {
			t.Errorf("%s: %v", name, err)
		}
		if s.Has(d) {
			t.Errorf("%s: it is there", name)
		}
	}
}

func TestAWrongSizeIsALieToo(t *testing.T) {
	s := newStore(t)
	d := describe("content")
	d.Size = 3
	err := s.Fetch(t.Context(), d, from("content", new(atomic.Int32)))
	if !errors.Is(err, ErrDigest) || len(files(t, s, "ingest")) != 0 {
		t.Errorf("%v; ingest has %v", err, files(t, s, "ingest"))
	}
	d.Size = -1
	if err := s.Fetch(t.Context(), d, nil); err == nil {
		t.Error("a negative size was taken")
	}
}

func TestAFetchGoesOnWhereTheLastOneEnded(t *testing.T) {
	s := newStore(t)
	text := strings.Repeat("0123456789", 100_000)
	d := describe(text)
	err := s.Fetch(t.Context(), d, func(context.Context, int64) (io.ReadCloser, int64, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(text[:700_001]), brokenReader{})), 0, nil
	})
	if err == nil || !strings.Contains(err.Error(), "after 700001 of 1000000 bytes: the line broke") {
		t.Fatal(err)
	}
	var offsets []int64
	err = s.Fetch(t.Context(), d, func(_ context.Context, offset int64) (io.ReadCloser, int64, error) {
		offsets = append(offsets, offset)
		return io.NopCloser(strings.NewReader(text[offset:])), offset, nil
	})
	if err != nil || len(offsets) != 1 || offsets[0] != 700_001 || content(t, s, d) != text {
		t.Errorf("it went on at %v: %v", offsets, err)
	}
}

func TestAFetchStartsAgainWhereItCannotGoOn(t *testing.T) {
	s := newStore(t)
	d := describe("0123456789")
	if err := os.WriteFile(filepath.Join(s.Dir(), "ingest", "sha256-"+d.Digest.Hex), []byte("01234"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := s.Fetch(t.Context(), d, func(context.Context, int64) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader("0123456789")), 0, nil
	})
	if err != nil || content(t, s, d) != "0123456789" {
		t.Error(err)
	}
}

func TestWhatWasLeftHalfIsVerifiedWithTheRest(t *testing.T) {
	s := newStore(t)
	d := describe("0123456789")
	part := filepath.Join(s.Dir(), "ingest", "sha256-"+d.Digest.Hex)
	for _, left := range []string{"wrong", "wrong, and longer than it", "0123456789"} {
		if err := os.WriteFile(part, []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		err := s.Fetch(t.Context(), d, from("0123456789", new(atomic.Int32)))
		if left == "wrong" {
			if !errors.Is(err, ErrDigest) || s.Has(d) || len(files(t, s, "ingest")) != 0 {
				t.Errorf("%s: %v", left, err)
			}
		} else if err != nil || content(t, s, d) != "0123456789" {
			t.Errorf("%s: %v", left, err)
		}
		os.Remove(s.blobPath(d.Digest))
	}
}

func TestABlobLargerThanTheDiskIsRefusedBeforeItIsFetched(t *testing.T) {
	s := newStore(t)
	d := describe("x")
	d.Size = 1 << 60
	opened := new(atomic.Int32)
	err := s.Fetch(t.Context(), d, from("x", opened))
	if !errors.Is(err, unix.ENOSPC) || opened.Load() != 0 || len(files(t, s, "ingest")) != 0 {
		t.Errorf("%v, opened %d times, ingest has %v", err, opened.Load(), files(t, s, "ingest"))
	}
}

func TestNothingStaysOfABlobThatTheDiskHasNoRoomFor(t *testing.T) {
	s := newStore(t)
	d := describe("content")
	err := s.Fetch(t.Context(), d, func(context.Context, int64) (io.ReadCloser, int64, error) {
		return io.NopCloser(errReader{fmt.Errorf("write: %w", unix.ENOSPC)}), 0, nil
	})
	if !errors.Is(err, unix.ENOSPC) || len(files(t, s, "ingest")) != 0 {
		t.Errorf("%v, ingest has %v", err, files(t, s, "ingest"))
	}
}

func TestDigestsThatCannotBeVerifiedAreRefused(t *testing.T) {
	s := newStore(t)
	for _, h := range []v1.Hash{
		{}, {Algorithm: "md5", Hex: strings.Repeat("a", 32)}, {Algorithm: "sha256", Hex: "../../../../etc/passwd"},
		{Algorithm: "../sha256", Hex: strings.Repeat("a", 64)}, {Algorithm: "sha256", Hex: strings.Repeat("A", 64)},
	} {
		d := v1.Descriptor{Digest: h, Size: 1}
		if err := s.Fetch(t.Context(), d, nil); err == nil || s.Has(d) {
			t.Errorf("%v was taken", h)
		}
		if _, err := s.Blob(h); err == nil {
			t.Errorf("%v was opened", h)
		}
	}
}

func TestSHA512IsVerifiedAsWell(t *testing.T) {
	s := newStore(t)
	sum := sha512.Sum512([]byte("content"))
	d := v1.Descriptor{Digest: v1.Hash{Algorithm: "sha512", Hex: hex.EncodeToString(sum[:])}, Size: 7}
	if err := CheckHash(d.Digest); err != nil {
		t.Skip(err)
	}
	if err := s.Put(t.Context(), d, []byte("content")); err != nil || content(t, s, d) != "content" {
		t.Error(err)
	}
}

func TestADirectoryWithOtherThingsIsNoStore(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); err == nil {
		t.Error("it was taken for one")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("it has %v now", entries)
	}
}

func TestManyNamesGivenAtOnceAreAllThere(t *testing.T) {
	s := newStore(t)
	d := describe("manifest")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := s.Tag(t.Context(), fmt.Sprint("name", i), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := s.Names()
	if err != nil || len(list) != 20 {
		t.Errorf("%d names: %v", len(list), err)
	}
}

func TestANameIsOfOneManifestForEachPlatform(t *testing.T) {
	s := newStore(t)
	tag := func(text, arch string) {
		d := describe(text)
		d.Platform = &v1.Platform{OS: "linux", Architecture: arch}
		if err := s.Tag(t.Context(), "image:1", d); err != nil {
			t.Fatal(err)
		}
	}
	tag("old", "amd64")
	tag("arm", "arm64")
	tag("new", "amd64")
	list, err := s.Lookup("image:1")
	if err != nil || len(list) != 2 || list[0].Digest != describe("arm").Digest || list[1].Digest != describe("new").Digest {
		t.Errorf("%+v, %v", list, err)
	}
	if n, err := s.Untag(t.Context(), "image:1"); n != 2 || err != nil {
		t.Errorf("%d names were taken away: %v", n, err)
	}
}

func TestAnUnpackedLayerAppearsAsAWhole(t *testing.T) {
	s := newStore(t)
	broken := errors.New("it broke")
	_, err := s.Layer(t.Context(), "sha256-x", func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o600), broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	for _, n := range files(t, s, "layers") {
		if !strings.HasSuffix(n, ".lock") {
			t.Errorf("%s was left", n)
		}
	}
	made := 0
	for range 2 {
		dir, err := s.Layer(t.Context(), "sha256-x", func(dir string) error {
			made++
			return os.WriteFile(filepath.Join(dir, "whole"), nil, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "whole")); err != nil {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
	for _, key := range []string{"", "..", ".x", "a/b"} {
		if _, err := s.Layer(t.Context(), key, func(string) error { return nil }); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// nestedIndexes puts an index in an index, and so on: each is named a thousand times in the next. It returns the outermost.
func nestedIndexes(t *testing.T, s *Store, depth int) v1.Descriptor {
	t.Helper()
	d := put(t, s, types.OCIImageIndex, `{"schemaVersion":2,"manifests":[]}`)
	for range depth {
		one, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		d = put(t, s, types.OCIImageIndex, `{"schemaVersion":2,"manifests":[`+strings.Repeat(string(one)+",", 999)+string(one)+`]}`)
	}
	return d
}

func TestIndexesThatNameEachOtherManyTimesAreReadOnce(t *testing.T) {
	s := newStore(t)
	if list, err := s.Members(nestedIndexes(t, s, 4)); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAManifestOfAnIndexMayBeForSeveralPlatforms(t *testing.T) {
	s := newStore(t)
	m := put(t, s, types.OCIManifestSchema1, "{}")
	one := fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"platform":{"os":"linux","architecture":"arm","variant":`, m.MediaType, m.Digest, m.Size)
	index := put(t, s, types.OCIImageIndex, `{"schemaVersion":2,"manifests":[`+one+`"v6"}},`+one+`"v7"}}]}`)
	list, err := s.Members(index)
	if err != nil || len(list) != 2 || list[0].Platform.Variant != "v6" || list[1].Platform.Variant != "v7" {
		t.Errorf("%v, %v", list, err)
	}
}
