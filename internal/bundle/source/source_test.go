package source

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestWhatIsReadAheadIsWhatThereIs(t *testing.T) {
	data := []byte(strings.Repeat("0123456789", 3_000_000))
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		r    io.Reader
		want []byte
		err  error
	}{
		"all":             {bytes.NewReader(data), data, nil},
		"in small pieces": {iotest.HalfReader(bytes.NewReader(data[:1000])), data[:1000], nil},
		"with an error":   {io.MultiReader(bytes.NewReader(data[:300_000]), iotest.ErrReader(broken)), data[:300_000], broken},
		"end with data":   {iotest.DataErrReader(bytes.NewReader(data[:70_000])), data[:70_000], nil},
		"nothing":         {bytes.NewReader(nil), nil, nil},
	} {
		ended := make(chan error, 1)
		got, err := io.ReadAll(readAhead(context.Background(), tt.r, func(err error) { ended <- err }))
		if !bytes.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if err := <-ended; err != io.EOF && !errors.Is(err, tt.err) {
			t.Errorf("%s: ended with %v", name, err)
		}
	}
}

func TestAReaderThatWaitsForAPipeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	a := readAhead(ctx, r, func(err error) { ended <- err })
	cancel()
	if _, err := io.ReadAll(a); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w.Close() // only this ends the goroutine
	<-ended
}

func TestCompressionIsToldByTheFirstBytes(t *testing.T) {
	var zipped, packed bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, e1 := z.Write([]byte("text"))
	p, e2 := zstd.NewWriter(&packed)
	_, e3 := p.Write([]byte("text"))
	if err := errors.Join(e1, z.Close(), e2, e3, p.Close()); err != nil {
		t.Fatal(err)
	}
	skip := append([]byte("\x52\x2a\x4d\x18\x03\x00\x00\x00abc"), packed.Bytes()...)
	for name, data := range map[string][]byte{"plain": []byte("text"), "gzip": zipped.Bytes(), "zstd": packed.Bytes(), "zstd after a frame to skip": skip} {
		r, err := plain(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "text" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		r.Close()
	}
	for _, data := range []string{"BZh9", "\xfd7zXZ\x00"} {
		if _, err := plain(bufio.NewReader(strings.NewReader(data))); err == nil || !strings.Contains(err.Error(), "only gzip and zstd are read") {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestTheFirstNameOfAnImageIsKnown(t *testing.T) {
	hash := strings.Repeat("0123abcd", 8)
	for name, want := range map[string]bool{
		"oci-layout": true, "index.json": true, "manifest.json": true, "blobs/": true, "blobs/sha256/": true, "./blobs/sha256/" + hash: true, hash + "/": true,
		hash + ".json": true, hash + ".tar": true, "repositories": true,
		"bin/": false, ".dockerenv": false, "blobs/mine": false, "etc/index.json": false, hash[1:] + "/": false, "": false,
	} {
		for _, before := range [][]tar.Header{nil, {{Typeflag: tar.TypeDir, Name: "./"}}} {
			var buf bytes.Buffer
			w := tar.NewWriter(&buf)
			kind := byte(tar.TypeReg)
			if strings.HasSuffix(name, "/") {
				kind = tar.TypeDir
			}
			for _, h := range append(before, tar.Header{Typeflag: kind, Name: name, PAXRecords: map[string]string{"comment": "x"}}) {
				if err := w.WriteHeader(&h); err != nil {
					t.Fatal(err)
				}
			}
			if got := ofImage(buf.Bytes()); got != want {
				t.Errorf("%q after %d: %v", name, len(before), got)
			}
		}
	}
}
