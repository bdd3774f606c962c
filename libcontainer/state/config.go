package state

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/internal/memfile"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// What exec needs to know of a container that the record does not say. A bundle may
// be changed or gone by then.
const (
	configName = "config.json"
	filterName = "filter" // flags, 32 bits, then the program
)

// WriteConfig keeps the parts of a config that s holds.
func (d *Dir) WriteConfig(s *specs.Spec) error {
	data, err := lazyjson.Marshal(s)
	if err != nil {
		return fmt.Errorf("config of %s: %w", d.id, err)
	}
	return d.keep(configName, data)
}

// Config returns what WriteConfig kept.
func (d *Dir) Config() (*specs.Spec, error) {
	data, err := d.kept(configName)
	if errors.Is(err, unix.ENOENT) {
		return nil, d.absent(err)
	}
	if err != nil {
		return nil, err
	}
	s := new(specs.Spec)
	if err := lazyjson.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%s of %s: %w", configName, d.id, err)
	}
	return s, nil
}

// WriteFilter keeps a seccomp filter: an array of struct sock_filter, and
// SECCOMP_FILTER_FLAG_*.
func (d *Dir) WriteFilter(program []byte, flags uint32) error {
	data := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(program)), flags)
	return d.keep(filterName, append(data, program...))
}

// Filter returns what WriteFilter kept, and no program if the container has no filter.
func (d *Dir) Filter() (program []byte, flags uint32, err error) {
	data, err := d.kept(filterName)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, 0, d.absent(nil)
	case err != nil:
		return nil, 0, err
	case len(data) < 12 || len(data)%8 != 4:
		return nil, 0, fmt.Errorf("%s of %s: %d bytes are no filter: %w", filterName, d.id, len(data), unix.EINVAL)
	}
	return data[4:], binary.LittleEndian.Uint32(data), nil
}

// keep writes a file that is written once.
func (d *Dir) keep(name string, data []byte) error {
	if len(data) > recordMax { // nobody could read it
		return fmt.Errorf("%s of %s: %d bytes, at most %d: %w", name, d.id, len(data), recordMax, unix.EFBIG)
	}
	fd, err := unix.Openat(d.fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err == nil {
		err = errors.Join(memfile.WriteAll(fd, data), unix.Close(fd))
	}
	if err != nil {
		return fmt.Errorf("%s of %s: write %d bytes: %w", name, d.id, len(data), err)
	}
	return nil
}

func (d *Dir) kept(name string) ([]byte, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", name, d.id, err)
	}
	defer unix.Close(fd)
	data, err := readAll(fd)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", name, d.id, err)
	}
	return data, nil
}
