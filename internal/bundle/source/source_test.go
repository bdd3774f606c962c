package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

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
