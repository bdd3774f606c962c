package image

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var magics = []struct {
	name  string
	bytes []byte
}{
	{"gzip", []byte{0x1f, 0x8b}},
	{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}},
	{"xz", []byte{0xfd, '7', 'z', 'X', 'Z', 0}},
	{"bzip2", []byte("BZh")},
}

// compression names what the first bytes of a file are compressed with; empty for nothing that is known.
func compression(start []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(start, m.bytes) {
			return m.name
		}
	}
	// Data in a frame of zstd that decoders skip may come first.
	if len(start) >= 4 && start[0]&0xf0 == 0x50 && bytes.Equal(start[1:4], []byte{0x2a, 0x4d, 0x18}) {
		return "zstd"
	}
	return ""
}

// maxWindow is the memory in bytes that a zstd layer may ask of its reader (RFC 8878 wants decoders to take 8 MiB).
const maxWindow = 128 << 20

// decompress reads what r holds, whatever it is compressed with: media types of layers are often wrong about that.
// It reads r to its end.
func decompress(r io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(r, 256<<10)
	start, err := in.Peek(6)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch kind := compression(start); kind {
	case "gzip":
		return gzip.NewReader(in)
	case "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	case "":
		return io.NopCloser(in), nil
	default:
		return nil, fmt.Errorf("it is compressed with %s, which layers are not", kind)
	}
}
