// Package spec reads, judges and makes descriptions of containers: the config.json of a
// bundle, as the OCI runtime specification 1.3 defines it. It starts nothing and
// changes nothing.
package spec

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ConfigName is the file of a bundle that describes the container (runtime-spec, bundle.md).
const ConfigName = "config.json"

// MaxConfigSize is the size in bytes of the largest config that is read.
const MaxConfigSize = 64 << 20

// Load reads and decodes the config.json of the bundle directory. It does not judge
// what the config says: Validate does. Mistakes in the text come back together, a line
// each, with the path of the value, the line and the column.
func Load(bundle string) (*specs.Spec, error) {
	path := filepath.Join(bundle, ConfigName)
	text, err := readConfig(path)
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("open %s: JSON specification file %s not found: %w", path, ConfigName, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	s, err := Decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Decode decodes the text of a config.json, with the same result as encoding/json.
func Decode(text []byte) (*specs.Spec, error) {
	s := new(specs.Spec)
	if err := lazyjson.Unmarshal(text, s); err != nil {
		return nil, err
	}
	return s, nil
}

// readConfig reads a regular file. It opens without waiting, as a fifo would make it,
// and without package os, which would start the poller for one file.
func readConfig(path string) ([]byte, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return nil, unix.EISDIR
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, errors.New("it is not a regular file")
	case st.Size > MaxConfigSize:
		return nil, fmt.Errorf("it has %d bytes, at most %d are read: %w", st.Size, MaxConfigSize, unix.EFBIG)
	}
	return readAll(fd, int(st.Size))
}

// readAll reads a file of about size bytes to its end.
func readAll(fd, size int) ([]byte, error) {
	buf := make([]byte, 0, size+512)
	for {
		n, err := retry(func() (int, error) { return unix.Read(fd, buf[len(buf):cap(buf)]) })
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return buf, nil
		}
		buf = buf[:len(buf)+n]
		if len(buf) > MaxConfigSize {
			return nil, fmt.Errorf("it has more than %d bytes: %w", MaxConfigSize, unix.EFBIG)
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
