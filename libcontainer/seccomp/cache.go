package seccomp

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// An entry is a file of the cache:
//
//	magic    8 bytes
//	u32      length of the key
//	u32      length of the program
//	u64 u64  checksum of key and program together
//	key      the whole of it: it, not the file's name, says whose filter this is
//	program
//
// Numbers are little-endian. The key is the canonical profile (package wire),
// then the compiler's identity and the kernel's actions.
const (
	entryMagic = "CREELSC1"
	entryHead  = len(entryMagic) + 4 + 4 + 16
	maxKey     = 256 << 10 // bytes; a profile beyond is compiled each time
)

// entry is one place of the cache.
type entry struct {
	dir, name string // name is empty for an entry that cannot be
	key       []byte
}

// appendKeyTail completes a profile to the key of its filter: the same profile
// gives another program with another libseccomp or creel (id) or kernel.
func appendKeyTail(profile []byte, id string, actions uint8) []byte {
	key := append(profile, actions)
	key = append(key, id...)
	return binary.LittleEndian.AppendUint32(key, uint32(len(id)))
}

func newEntry(dir string, key []byte) entry {
	if len(key) > maxKey {
		return entry{}
	}
	hi, lo := sum128(key)
	var name [32]byte
	hex(name[:16], hi)
	hex(name[16:], lo)
	return entry{dir, string(name[:]), key}
}

func hex(dst []byte, v uint64) {
	for i := range dst {
		dst[i] = "0123456789abcdef"[v>>(60-4*i)&15]
	}
}

// load returns the program, or nil when there is none that can be trusted: the
// file must belong to the caller alone, have the size, checksum and key that it
// should, and hold a program that cannot run off its end.
func (e *entry) load() []byte {
	if e.name == "" {
		return nil
	}
	fd, err := unix.Open(e.dir+"/"+e.name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || !private(&st) {
		return nil
	}
	fixed := int64(entryHead + len(e.key))
	if st.Size <= fixed || st.Size > fixed+MaxProgram {
		return nil
	}
	file := make([]byte, st.Size)
	if readFull(fd, file) != nil {
		return nil
	}
	return parseEntry(file, e.key)
}

// private says whether a file is the caller's own and nobody else may touch it.
func private(st *unix.Stat_t) bool {
	return st.Mode == unix.S_IFREG|0o600 && int(st.Uid) == unix.Geteuid()
}

// parseEntry returns the program in file if the file is whole and key's.
func parseEntry(file, key []byte) []byte {
	if len(file) < entryHead || string(file[:len(entryMagic)]) != entryMagic {
		return nil
	}
	head := file[len(entryMagic):]
	keyLen := uint64(binary.LittleEndian.Uint32(head))
	progLen := uint64(binary.LittleEndian.Uint32(head[4:]))
	body := file[entryHead:]
	if keyLen+progLen != uint64(len(body)) || !bytes.Equal(body[:keyLen], key) {
		return nil
	}
	hi, lo := sum128(body)
	if hi != binary.LittleEndian.Uint64(head[8:]) || lo != binary.LittleEndian.Uint64(head[16:]) {
		return nil
	}
	prog := body[keyLen:]
	if verify(prog) != nil {
		return nil
	}
	return prog
}

// formEntry is the file for key and prog.
func formEntry(key, prog []byte) []byte {
	file := make([]byte, entryHead, entryHead+len(key)+len(prog))
	head := file[copy(file, entryMagic):]
	binary.LittleEndian.PutUint32(head, uint32(len(key)))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(prog)))
	file = append(append(file, key...), prog...)
	hi, lo := sum128(file[entryHead:])
	binary.LittleEndian.PutUint64(head[8:], hi)
	binary.LittleEndian.PutUint64(head[16:], lo)
	return file
}

func readFull(fd int, b []byte) error {
	for len(b) > 0 {
		n, err := unix.Read(fd, b)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return unix.ENODATA
		}
		b = b[n:]
	}
	return nil
}
