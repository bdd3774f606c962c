package rdttest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path"
	"slices"

	"golang.org/x/sys/unix"
)

var order = binary.NativeEndian

// The requests of the kernel that matter here (linux/fuse.h).
const (
	opLookup, opForget, opGetattr, opSetattr, opMkdir, opRmdir          = 1, 2, 3, 4, 9, 11
	opOpen, opRead, opWrite, opRelease, opFlush, opInit                 = 14, 15, 16, 18, 25, 26
	opOpendir, opReaddir, opReleasedir, opInterrupt, opDestroy, opBatch = 27, 28, 29, 36, 38, 42
)

const headIn = 40 // struct fuse_in_header

// serve answers the kernel until the file system is unmounted.
func (f *FS) serve(dev int) {
	buf := make([]byte, 1<<17)
	for {
		n, err := unix.Read(dev, buf)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT):
			continue
		case err != nil || n < headIn:
			return
		}
		op, unique, node := order.Uint32(buf[4:]), order.Uint64(buf[8:]), order.Uint64(buf[16:])
		if op == opForget || op == opBatch || op == opInterrupt {
			continue
		}
		body, errno := f.request(op, node, buf[headIn:n])
		if errno != 0 {
			body = nil
		}
		out := order.AppendUint32(nil, uint32(16+len(body)))
		out = order.AppendUint32(out, uint32(-int32(errno)))
		out = append(order.AppendUint64(out, unique), body...)
		if _, err := unix.Write(dev, out); err != nil && !errors.Is(err, unix.ENOENT) {
			return
		}
	}
}

func (f *FS) request(op uint32, node uint64, in []byte) ([]byte, unix.Errno) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.ids[node]
	switch op {
	case opInit:
		out := order.AppendUint32(nil, 7)
		out = order.AppendUint32(out, 31)
		return append(out, make([]byte, 56)...), 0
	case opLookup:
		return f.entry(path.Join(at, name(in)))
	case opMkdir:
		p := path.Join(at, name(in[8:]))
		if errno := f.mkdir(p); errno != 0 {
			return nil, errno
		}
		return f.entry(p)
	case opRmdir:
		return nil, f.rmdir(path.Join(at, name(in)))
	case opGetattr, opSetattr:
		return append(make([]byte, 16), f.attr(node, at)...), 0
	case opOpen, opOpendir:
		out := make([]byte, 16)
		order.PutUint32(out[8:], 1) // FOPEN_DIRECT_IO: each write arrives as it was made
		return out, 0
	case opRead:
		text, from := f.read(at), int(order.Uint64(in[8:]))
		return []byte(text[min(from, len(text)):]), 0
	case opWrite:
		n := order.Uint32(in[16:])
		if errno := f.write(at, string(in[40:40+n])); errno != 0 {
			return nil, errno
		}
		return order.AppendUint64(nil, uint64(n)), 0
	case opReaddir:
		return f.list(at, int(order.Uint64(in[8:]))), 0
	case opRelease, opReleasedir, opFlush, opDestroy:
		return nil, 0
	}
	return nil, unix.ENOSYS
}

func name(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return string(text)
}

// exists says whether there is a file or directory of this path.
func (f *FS) exists(p string) bool {
	return p == "" || f.entries(p) != nil || slices.Contains(f.entries(parent(p)), path.Base(p))
}

// entry is struct fuse_entry_out, which nothing is remembered of: names come and go.
func (f *FS) entry(p string) ([]byte, unix.Errno) {
	if !f.exists(p) {
		return nil, unix.ENOENT
	}
	var node uint64
	for id, known := range f.ids {
		if known == p {
			node = id
		}
	}
	if node == 0 {
		node = uint64(len(f.ids) + 1)
		f.ids[node] = p
	}
	out := order.AppendUint64(nil, node)
	return append(append(out, make([]byte, 32)...), f.attr(node, p)...), 0
}

// attr is struct fuse_attr.
func (f *FS) attr(node uint64, p string) []byte {
	mode := uint32(unix.S_IFREG | 0o644)
	if f.entries(p) != nil {
		mode = unix.S_IFDIR | 0o755
	}
	out := make([]byte, 88)
	order.PutUint64(out, node)
	order.PutUint32(out[60:], mode)
	order.PutUint32(out[64:], 1) // links
	order.PutUint32(out[80:], 4096)
	return out
}

// list is a directory's struct fuse_dirent from the n-th on.
func (f *FS) list(dir string, n int) (out []byte) {
	names := f.entries(dir)
	for i := n; i < len(names); i++ {
		out = order.AppendUint64(out, uint64(i+2))
		out = order.AppendUint64(out, uint64(i+1))
		out = order.AppendUint32(out, uint32(len(names[i])))
		kind := uint32(unix.DT_REG)
		if f.entries(path.Join(dir, names[i])) != nil {
			kind = unix.DT_DIR
		}
		out = append(order.AppendUint32(out, kind), names[i]...)
		for len(out)%8 != 0 {
			out = append(out, 0)
		}
	}
	return out
}
