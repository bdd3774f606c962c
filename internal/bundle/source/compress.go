package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the memory in bytes that an archive may ask of its reader; RFC 8878 wants decoders to take 8 MiB.
const maxWindow = 128 << 20

// plain reads what in holds, whatever it is compressed with, as its first bytes say.
func plain(in *bufio.Reader) (io.ReadCloser, error) {
	start, err := in.Peek(6)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return gzip.NewReader(in)
	case bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}), skippable(start):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	case bytes.HasPrefix(start, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return nil, errCompression("xz")
	case bytes.HasPrefix(start, []byte("BZh")):
		return nil, errCompression("bzip2")
	}
	return io.NopCloser(in), nil
}

func errCompression(name string) error {
	return fmt.Errorf("it is compressed with %s: only gzip and zstd are read; pipe it through %s -dc", name, name)
}

// skippable is data in a frame of zstd that decoders pass over, which may come first (RFC 8878, 3.1.2).
func skippable(start []byte) bool {
	return len(start) >= 4 && start[0]&0xf0 == 0x50 && bytes.Equal(start[1:4], []byte{0x2a, 0x4d, 0x18})
}
