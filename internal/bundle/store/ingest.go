package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/bounded"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// An Opener opens the content of a blob from offset on, or from where it can: it returns from which byte.
type Opener func(ctx context.Context, offset int64) (content io.ReadCloser, from int64, err error)

// Fetch makes the blob d a part of the store, if it is not there. It appears when its size and digest were verified.
//
// What was read before an error stays, and the next Fetch goes on after it; but nothing stays of content that is wrong
// (ErrDigest) or that the file system has no room for. Of several processes that fetch the same blob one does, and the
// others wait for it.
func (s *Store) Fetch(ctx context.Context, d v1.Descriptor, open Opener) error {
	if err := CheckHash(d.Digest); err != nil {
		return err
	}
	if d.Size < 0 {
		return fmt.Errorf("%s: a size of %d bytes", d.Digest, d.Size)
	}
	if s.Has(d) {
		return nil
	}
	part, err := s.lockPart(ctx, d)
	if err != nil {
		return err
	}
	defer part.Close()
	if s.Has(d) { // by somebody else meanwhile
		return os.Remove(part.Name())
	}
	err = s.fill(ctx, part, d, open)
	if err == nil {
		err = s.finish(part, d)
	}
	if errors.Is(err, ErrDigest) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG) {
		os.Remove(part.Name())
	}
	return err
}

// lockPart opens the file of what was fetched so far. It may be removed or renamed while one waits for it.
func (s *Store) lockPart(ctx context.Context, d v1.Descriptor) (*os.File, error) {
	path := filepath.Join(s.dir, "ingest", d.Digest.Algorithm+"-"+d.Digest.Hex)
	for {
		f, err := lockFile(ctx, path, unix.LOCK_EX)
		if err != nil {
			return nil, err
		}
		mine, err := f.Stat()
		if err == nil {
			now, e := os.Stat(path)
			if e == nil && os.SameFile(mine, now) {
				return f, nil
			}
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// fill appends to part what it lacks, and verifies all of it.
func (s *Store) fill(ctx context.Context, part *os.File, d v1.Descriptor, open Opener) error {
	v, err := newVerifier(d)
	if err != nil {
		return err
	}
	if st, err := part.Stat(); err != nil {
		return err
	} else if st.Size() > d.Size {
		if err := part.Truncate(0); err != nil {
			return err
		}
	}
	have, err := io.Copy(v, part)
	if err != nil {
		return err
	}
	if have == d.Size && v.end() == nil {
		return nil // all was there but the name
	}
	if err := s.room(d.Size - have); err != nil {
		return fmt.Errorf("%s: %w", d.Digest, err)
	}
	content, from, err := open(ctx, have)
	if err != nil {
		return err
	}
	defer content.Close()
	if from != have || have == d.Size {
		if from != 0 {
			return fmt.Errorf("%s: %d bytes were left out: content starts at %d", d.Digest, from-have, from)
		}
		if err := part.Truncate(0); err != nil {
			return err
		}
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if v, err = newVerifier(d); err != nil {
			return err
		}
	}
	// One byte more than promised shows that there is more.
	w := struct{ io.Writer }{io.MultiWriter(part, v)}
	if _, err = io.CopyBuffer(w, bounded.By(ctx, io.LimitReader(content, d.Size-v.size+1)), make([]byte, 256<<10)); err != nil {
		return fmt.Errorf("%s: after %d of %d bytes: %w", d.Digest, v.size, d.Size, err)
	}
	if v.size < d.Size {
		return fmt.Errorf("%s: after %d of %d bytes: %w", d.Digest, v.size, d.Size, io.ErrUnexpectedEOF)
	}
	return v.end()
}

// finish gives a verified file its name.
func (s *Store) finish(part *os.File, d v1.Descriptor) error {
	dir := filepath.Dir(s.blobPath(d.Digest))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := part.Chmod(0o444); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), s.blobPath(d.Digest)); err != nil {
		return err
	}
	return syncDir(dir)
}

// room refuses what the file system has no room for, before half of it is fetched.
func (s *Store) room(size int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(s.dir, &st); err != nil {
		return nil // writing will tell
	}
	if free := uint64(st.Bavail) * uint64(st.Bsize); st.Blocks > 0 && uint64(size) > free {
		return fmt.Errorf("%d bytes are to be stored in %s, where %d are free: %w", size, s.dir, free, unix.ENOSPC)
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
