package rootfs

import (
	"archive/tar"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// file writes a regular file. All that belongs to it goes through its fd, which nobody can exchange for another file.
func (x *Extractor) file(d *dir, base string, h *tar.Header, at *attrs, data io.Reader) error {
	fd := -1
	err := x.create(d, base, func() (err error) {
		fd, err = unix.Openat(d.fd, base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, at.mode&0o777)
		return err
	})
	if err != nil {
		return err
	}
	if sparse(h) {
		err = x.writeSparse(fd, h.Size, data)
	} else {
		err = x.write(fd, h.Size, data)
	}
	if err == nil {
		err = x.setFile(fd, at)
	}
	if e := unix.Close(fd); err == nil {
		err = e
	}
	return err
}

func (x *Extractor) write(fd int, size int64, data io.Reader) error {
	for size > 0 {
		n, err := io.ReadFull(data, x.buf[:min(size, int64(len(x.buf)))])
		if err != nil {
			return noEOF(err)
		}
		if err := writeAll(fd, x.buf[:n]); err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

// sparse says whether the archive describes holes: in the old GNU format or the PAX formats 0.0, 0.1 and 1.0.
func sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for name := range h.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// hole is the smallest that is kept: a page, which no file system stores a part of.
const hole = 4 << 10

// writeSparse leaves holes where the archive has zeros. They count as bytes of the archive: to make them is free, but to
// read or copy them is not.
func (x *Extractor) writeSparse(fd int, size int64, data io.Reader) error {
	if err := x.count(size); err != nil {
		return err
	}
	if err := unix.Ftruncate(fd, size); err != nil {
		return err
	}
	for at := int64(0); at < size; {
		n, err := io.ReadFull(data, x.buf[:min(size-at, int64(len(x.buf)))])
		if err != nil {
			return noEOF(err)
		}
		if err := writeParts(fd, x.buf[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// writeParts writes what is no hole, at its place in the file.
func writeParts(fd int, data []byte, at int64) error {
	for len(data) > 0 {
		skip := 0
		for skip < len(data) && allZero(data[skip:min(skip+hole, len(data))]) {
			skip = min(skip+hole, len(data))
		}
		end := skip
		for end < len(data) && !allZero(data[end:min(end+hole, len(data))]) {
			end = min(end+hole, len(data))
		}
		if end > skip {
			if _, err := unix.Seek(fd, at+int64(skip), unix.SEEK_SET); err != nil {
				return err
			}
			if err := writeAll(fd, data[skip:end]); err != nil {
				return err
			}
		}
		data, at = data[end:], at+int64(end)
	}
	return nil
}

// noEOF is for data that the header of an entry promises.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
