// Package compression reads archives whatever they are compressed with, as their first bytes say: names and media types are
// often wrong about that.
package compression

import (
	"bufio"
	"bytes"
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

// Peek is how many bytes Of wants.
const Peek = 6

// Of names what the first bytes of a file are compressed with; empty for nothing that is known.
func Of(start []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(start, m.bytes) {
			return m.name
		}
	}
	// Data in a frame of zstd that decoders pass over may come first (RFC 8878, 3.1.2).
	if len(start) >= 4 && start[0]&0xf0 == 0x50 && bytes.Equal(start[1:4], []byte{0x2a, 0x4d, 0x18}) {
		return "zstd"
	}
	return ""
}

// maxWindow is the memory in bytes that an archive may ask of its reader; RFC 8878 wants decoders to take 8 MiB.
const maxWindow = 128 << 20

// Reader reads what in holds, uncompressed. The error for a compression that is known and not read is what refused says of it.
func Reader(in *bufio.Reader, refused func(name string) error) (io.ReadCloser, error) {
	start, err := in.Peek(Peek)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch name := Of(start); name {
	case "gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err // and not z: a nil *gzip.Reader in an interface is not nil
		}
		return z, nil
	case "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	case "":
		return io.NopCloser(in), nil
	default:
		return nil, refused(name)
	}
}
