package spec

import "golang.org/x/sys/unix"

// MountOptions is what the option words of one mount mean, sorted by the kernel
// interface that takes them (runtime-spec 1.3, config.md, "Linux mount options").
// Where words contradict each other, the last one wins.
//
// Words that concern the mount itself appear twice, for the two interfaces of the
// kernel: in Flags and Clear for mount(2), in AttrSet and AttrClr for fsmount(2) and
// mount_setattr(2). A caller uses one of the two pairs.
type MountOptions struct {
	// Flags are the MS_* flags to set; Clear are those that a word switched off
	// ("rw", "suid", …), which matters to bind mounts, as they begin with the flags
	// of their source. Propagation is not included.
	Flags, Clear uintptr

	// AttrSet and AttrClr are MOUNT_ATTR_* for the top mount. When an access-time
	// word was given, AttrClr holds MOUNT_ATTR__ATIME: the access time is an
	// enumeration within that mask (mount_setattr(2)), and MOUNT_ATTR_RELATIME is 0.
	AttrSet, AttrClr uint64

	// RecAttrSet and RecAttrClr are the same of the recursive words ("rro", …), for
	// mount_setattr(2) with AT_RECURSIVE (Linux 5.12). They are to be applied after
	// AttrSet and AttrClr, so that the recursive word decides.
	RecAttrSet, RecAttrClr uint64

	// Propagation holds MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, with
	// MS_REC for the recursive words, in the order given: "slave" then "shared" makes
	// a mount that is both.
	Propagation []uintptr

	// SuperFlags are words of the superblock that fsconfig(2) takes with
	// FSCONFIG_SET_FLAG (dirsync, lazytime, mand, sync); SuperClear are words that
	// switch one off (async, nolazytime, nomand) and mean something to a remount only.
	SuperFlags, SuperClear []string

	// LegacyFlags is the part of Flags that only mount(2) can carry: MS_I_VERSION,
	// MS_POSIXACL and MS_SILENT. Filesystems decide the first two by themselves on
	// every kernel that fsopen(2) is used with, and the third is about log messages.
	LegacyFlags uintptr

	Bind      bool   // "bind" or "rbind"; the filesystem type means nothing then
	Recursive bool   // "rbind"
	Remount   bool   // "remount"
	TmpCopyUp bool   // "tmpcopyup": fill the new tmpfs from the directory it covers
	IDMap     string // "", "idmap" or "ridmap"

	// What crun(1) has for symbolic links (crun's "MOUNT OPTIONS"). CopySymlink makes the
	// same link instead of a bind mount if the source is one. The others take a link at the
	// end of the source, or of the destination, for the file itself.
	CopySymlink, SrcNoFollow, DestNoFollow bool

	// Data are the words that belong to the filesystem, in order: one each for
	// FSCONFIG_SET_STRING (key=value) or FSCONFIG_SET_FLAG, or joined with commas
	// for mount(2).
	Data []string
}

// ReadOnly tells whether the mount is to be read-only, at its top or as a whole.
func (o *MountOptions) ReadOnly() bool {
	return (o.AttrSet|o.RecAttrSet)&unix.MOUNT_ATTR_RDONLY != 0
}

// ParseMountOptions sorts the option words of a mount. It rejects nothing: words it
// does not know belong to the filesystem, as the specification says. A word with
// commas counts as several, since mount(2) would take it so; commas in double quotes
// or after a backslash (overlay's paths) do not separate.
func ParseMountOptions(words []string) MountOptions {
	var o MountOptions
	for _, w := range words {
		for {
			head, rest, more := cutOption(w)
			o.add(head)
			if !more {
				break
			}
			w = rest
		}
	}
	return o
}

// MountOptionWords lists the words that ParseMountOptions knows, sorted, as
// `features` reports them (runtime-spec 1.3, features.md, "mountOptions").
func MountOptionWords() []string {
	words := make([]string, len(mountWords))
	for i := range mountWords {
		words[i] = mountWords[i].word
	}
	return words
}

// cutOption splits s at its first separating comma.
func cutOption(s string) (head, rest string, more bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

func (o *MountOptions) add(word string) {
	w := findMountWord(word)
	if w == nil {
		if word != "" && !userspaceOnly(word) {
			o.Data = append(o.Data, word)
		}
		return
	}
	switch w.kind {
	case kindSet:
		o.setFlag(w.ms)
		o.AttrSet, o.AttrClr = o.AttrSet|w.attr, o.AttrClr&^w.attr
	case kindClear:
		o.clearFlag(w.ms)
		o.AttrSet, o.AttrClr = o.AttrSet&^w.attr, o.AttrClr|w.attr
	case kindAtime:
		o.clearFlag(msAtime &^ w.ms)
		o.setFlag(w.ms)
		o.AttrSet, o.AttrClr = setAtime(o.AttrSet, o.AttrClr, w.attr)
	case kindUndoAtime:
		o.clearFlag(w.ms)
		o.AttrSet, o.AttrClr = undoAtime(o.AttrSet, o.AttrClr, w.attr)
	case kindRecSet:
		o.RecAttrSet, o.RecAttrClr = o.RecAttrSet|w.attr, o.RecAttrClr&^w.attr
	case kindRecClear:
		o.RecAttrSet, o.RecAttrClr = o.RecAttrSet&^w.attr, o.RecAttrClr|w.attr
	case kindRecAtime:
		o.RecAttrSet, o.RecAttrClr = setAtime(o.RecAttrSet, o.RecAttrClr, w.attr)
	case kindRecUndoAtime:
		o.RecAttrSet, o.RecAttrClr = undoAtime(o.RecAttrSet, o.RecAttrClr, w.attr)
	default:
		o.addOther(w)
	}
}

// addOther handles the words that are not attributes of a mount.
func (o *MountOptions) addOther(w *mountWord) {
	switch w.kind {
	case kindSuper:
		o.setFlag(w.ms)
		o.SuperFlags = appendOnce(o.SuperFlags, w.word)
		o.SuperClear = without(o.SuperClear, w.inverse)
	case kindSuperClear:
		o.clearFlag(w.ms)
		o.SuperFlags = without(o.SuperFlags, w.inverse)
		o.SuperClear = appendOnce(o.SuperClear, w.word)
	case kindLegacy:
		o.setFlag(w.ms)
		o.LegacyFlags |= w.ms
	case kindLegacyClear:
		o.clearFlag(w.ms)
		o.LegacyFlags &^= w.ms
	case kindBind:
		o.setFlag(w.ms)
		o.Bind = true
		o.Recursive = o.Recursive || w.ms&unix.MS_REC != 0
	case kindPropagation:
		o.Propagation = append(o.Propagation, w.ms)
	case kindRemount:
		o.setFlag(w.ms)
		o.Remount = true
	case kindTmpCopyUp:
		o.TmpCopyUp = true
	case kindIDMap:
		o.IDMap = w.word
	case kindLink:
		o.CopySymlink = o.CopySymlink || w.word == "copy-symlink"
		o.SrcNoFollow = o.SrcNoFollow || w.word == "src-nofollow"
		o.DestNoFollow = o.DestNoFollow || w.word == "dest-nofollow"
	}
}

func (o *MountOptions) setFlag(ms uintptr)   { o.Flags, o.Clear = o.Flags|ms, o.Clear&^ms }
func (o *MountOptions) clearFlag(ms uintptr) { o.Flags, o.Clear = o.Flags&^ms, o.Clear|ms }

func setAtime(set, clr, mode uint64) (uint64, uint64) {
	return set&^unix.MOUNT_ATTR__ATIME | mode, clr | unix.MOUNT_ATTR__ATIME
}

// undoAtime takes mode back unless another one was asked for since. What remains is
// the kernel's default, relatime; undoing relatime itself leaves the choice open.
func undoAtime(set, clr, mode uint64) (uint64, uint64) {
	given := clr&unix.MOUNT_ATTR__ATIME != 0
	switch {
	case given && set&unix.MOUNT_ATTR__ATIME != mode:
		return set, clr
	case mode == unix.MOUNT_ATTR_RELATIME:
		return set, clr &^ unix.MOUNT_ATTR__ATIME
	}
	return setAtime(set, clr, unix.MOUNT_ATTR_RELATIME)
}

func appendOnce(list []string, word string) []string {
	return append(without(list, word), word)
}

func without(list []string, word string) []string {
	kept := list[:0]
	for _, w := range list {
		if w != word {
			kept = append(kept, w)
		}
	}
	return kept
}
