package seccomp

import "encoding/binary"

// Identity of a profile compiler, from the notes in its ELF file (elf(5)): the
// linker's build id, which is a hash of everything in the file, and the version
// of libseccomp, which the compiler's own note holds. Reading them takes less
// than a microsecond, unlike hashing 3 MB or asking the program.
const (
	noteBuildID    = 3 // NT_GNU_BUILD_ID, of "GNU"
	noteLibseccomp = 1 // of "creel"
	ptNote         = 4 // PT_NOTE
	notesWithin    = 4096
)

// readNotes returns the identity and the version of libseccomp from the first
// bytes of the compiler; what is not there is empty.
func readNotes(elf []byte) (id, libseccomp string) {
	if len(elf) < 64 || string(elf[:5]) != "\x7fELF\x02" {
		return "", ""
	}
	elf = elf[:min(len(elf), notesWithin)]
	off := binary.NativeEndian.Uint64(elf[32:])
	size := uint64(binary.NativeEndian.Uint16(elf[54:]))
	for range binary.NativeEndian.Uint16(elf[56:]) {
		ph := slice(elf, off, 56)
		if ph == nil {
			break
		}
		off += size
		if binary.NativeEndian.Uint32(ph) != ptNote {
			continue
		}
		notes := slice(elf, binary.NativeEndian.Uint64(ph[8:]), binary.NativeEndian.Uint64(ph[32:]))
		align := uint64(4)
		if binary.NativeEndian.Uint64(ph[48:]) == 8 {
			align = 8
		}
		for len(notes) >= 12 {
			name, desc, kind, rest := oneNote(notes, align)
			switch {
			case kind == noteBuildID && name == "GNU\x00":
				id = string(desc)
			case kind == noteLibseccomp && name == "creel\x00":
				libseccomp = cString(desc)
			}
			notes = rest
		}
	}
	return id, libseccomp
}

// oneNote takes the first note off; rest is empty when the note is not whole.
func oneNote(notes []byte, align uint64) (name string, desc []byte, kind uint32, rest []byte) {
	nameLen := uint64(binary.NativeEndian.Uint32(notes))
	descLen := uint64(binary.NativeEndian.Uint32(notes[4:]))
	descOff := (12 + nameLen + align - 1) &^ (align - 1)
	end := (descOff + descLen + align - 1) &^ (align - 1)
	n, d := slice(notes, 12, nameLen), slice(notes, descOff, descLen)
	if n == nil || d == nil {
		return "", nil, 0, nil
	}
	if end < uint64(len(notes)) {
		rest = notes[end:]
	}
	return string(n), d, binary.NativeEndian.Uint32(notes[8:]), rest
}

// slice is b[off:off+n], or nil where b is too short.
func slice(b []byte, off, n uint64) []byte {
	if off > uint64(len(b)) || n > uint64(len(b))-off {
		return nil
	}
	return b[off : off+n]
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
