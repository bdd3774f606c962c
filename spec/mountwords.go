package spec

import (
	"strings"

	"golang.org/x/sys/unix"
)

// wordKind says what a mount option word acts on.
type wordKind uint8

const (
	kindNothing wordKind = iota
	kindSet
	kindClear
	kindAtime
	kindUndoAtime
	kindRecSet
	kindRecClear
	kindRecAtime
	kindRecUndoAtime
	kindSuper
	kindSuperClear
	kindLegacy
	kindLegacyClear
	kindBind
	kindPropagation
	kindRemount
	kindTmpCopyUp
	kindIDMap
	kindLink
)

// msAtime are the flags of mount(2) of which one at most decides the access time.
const msAtime = unix.MS_NOATIME | unix.MS_RELATIME | unix.MS_STRICTATIME

type mountWord struct {
	word    string
	kind    wordKind
	ms      uintptr
	attr    uint64
	inverse string // the opposite word, of superblock words
}

// mountWords is sorted by word. It is an array of constants, so that it costs nothing
// at program start.
var mountWords = [...]mountWord{
	{"acl", kindLegacy, unix.MS_POSIXACL, 0, ""},
	{"async", kindSuperClear, unix.MS_SYNCHRONOUS, 0, "sync"},
	{"atime", kindUndoAtime, unix.MS_NOATIME, unix.MOUNT_ATTR_NOATIME, ""},
	{"bind", kindBind, unix.MS_BIND, 0, ""},
	{"copy-symlink", kindLink, 0, 0, ""},
	{"defaults", kindNothing, 0, 0, ""},
	{"dest-nofollow", kindLink, 0, 0, ""},
	{"dev", kindClear, unix.MS_NODEV, unix.MOUNT_ATTR_NODEV, ""},
	{"diratime", kindClear, unix.MS_NODIRATIME, unix.MOUNT_ATTR_NODIRATIME, ""},
	{"dirsync", kindSuper, unix.MS_DIRSYNC, 0, ""},
	{"exec", kindClear, unix.MS_NOEXEC, unix.MOUNT_ATTR_NOEXEC, ""},
	{"idmap", kindIDMap, 0, 0, ""},
	{"iversion", kindLegacy, unix.MS_I_VERSION, 0, ""},
	{"lazytime", kindSuper, unix.MS_LAZYTIME, 0, "nolazytime"},
	{"loud", kindLegacyClear, unix.MS_SILENT, 0, ""},
	{"mand", kindSuper, unix.MS_MANDLOCK, 0, "nomand"},
	{"noacl", kindLegacyClear, unix.MS_POSIXACL, 0, ""},
	{"noatime", kindAtime, unix.MS_NOATIME, unix.MOUNT_ATTR_NOATIME, ""},
	{"nodev", kindSet, unix.MS_NODEV, unix.MOUNT_ATTR_NODEV, ""},
	{"nodiratime", kindSet, unix.MS_NODIRATIME, unix.MOUNT_ATTR_NODIRATIME, ""},
	{"noexec", kindSet, unix.MS_NOEXEC, unix.MOUNT_ATTR_NOEXEC, ""},
	{"noiversion", kindLegacyClear, unix.MS_I_VERSION, 0, ""},
	{"nolazytime", kindSuperClear, unix.MS_LAZYTIME, 0, "lazytime"},
	{"nomand", kindSuperClear, unix.MS_MANDLOCK, 0, "mand"},
	{"norelatime", kindUndoAtime, unix.MS_RELATIME, unix.MOUNT_ATTR_RELATIME, ""},
	{"nostrictatime", kindUndoAtime, unix.MS_STRICTATIME, unix.MOUNT_ATTR_STRICTATIME, ""},
	{"nosuid", kindSet, unix.MS_NOSUID, unix.MOUNT_ATTR_NOSUID, ""},
	{"nosymfollow", kindSet, unix.MS_NOSYMFOLLOW, unix.MOUNT_ATTR_NOSYMFOLLOW, ""},
	{"private", kindPropagation, unix.MS_PRIVATE, 0, ""},
	{"ratime", kindRecUndoAtime, 0, unix.MOUNT_ATTR_NOATIME, ""},
	{"rbind", kindBind, unix.MS_BIND | unix.MS_REC, 0, ""},
	{"rdev", kindRecClear, 0, unix.MOUNT_ATTR_NODEV, ""},
	{"rdiratime", kindRecClear, 0, unix.MOUNT_ATTR_NODIRATIME, ""},
	{"relatime", kindAtime, unix.MS_RELATIME, unix.MOUNT_ATTR_RELATIME, ""},
	{"remount", kindRemount, unix.MS_REMOUNT, 0, ""},
	{"rexec", kindRecClear, 0, unix.MOUNT_ATTR_NOEXEC, ""},
	{"ridmap", kindIDMap, 0, 0, ""},
	{"rnoatime", kindRecAtime, 0, unix.MOUNT_ATTR_NOATIME, ""},
	{"rnodev", kindRecSet, 0, unix.MOUNT_ATTR_NODEV, ""},
	{"rnodiratime", kindRecSet, 0, unix.MOUNT_ATTR_NODIRATIME, ""},
	{"rnoexec", kindRecSet, 0, unix.MOUNT_ATTR_NOEXEC, ""},
	{"rnorelatime", kindRecUndoAtime, 0, unix.MOUNT_ATTR_RELATIME, ""},
	{"rnostrictatime", kindRecUndoAtime, 0, unix.MOUNT_ATTR_STRICTATIME, ""},
	{"rnosuid", kindRecSet, 0, unix.MOUNT_ATTR_NOSUID, ""},
	{"rnosymfollow", kindRecSet, 0, unix.MOUNT_ATTR_NOSYMFOLLOW, ""},
	{"ro", kindSet, unix.MS_RDONLY, unix.MOUNT_ATTR_RDONLY, ""},
	{"rprivate", kindPropagation, unix.MS_PRIVATE | unix.MS_REC, 0, ""},
	{"rrelatime", kindRecAtime, 0, unix.MOUNT_ATTR_RELATIME, ""},
	{"rro", kindRecSet, 0, unix.MOUNT_ATTR_RDONLY, ""},
	{"rrw", kindRecClear, 0, unix.MOUNT_ATTR_RDONLY, ""},
	{"rshared", kindPropagation, unix.MS_SHARED | unix.MS_REC, 0, ""},
	{"rslave", kindPropagation, unix.MS_SLAVE | unix.MS_REC, 0, ""},
	{"rstrictatime", kindRecAtime, 0, unix.MOUNT_ATTR_STRICTATIME, ""},
	{"rsuid", kindRecClear, 0, unix.MOUNT_ATTR_NOSUID, ""},
	{"rsymfollow", kindRecClear, 0, unix.MOUNT_ATTR_NOSYMFOLLOW, ""},
	{"runbindable", kindPropagation, unix.MS_UNBINDABLE | unix.MS_REC, 0, ""},
	{"rw", kindClear, unix.MS_RDONLY, unix.MOUNT_ATTR_RDONLY, ""},
	{"shared", kindPropagation, unix.MS_SHARED, 0, ""},
	{"silent", kindLegacy, unix.MS_SILENT, 0, ""},
	{"slave", kindPropagation, unix.MS_SLAVE, 0, ""},
	{"src-nofollow", kindLink, 0, 0, ""},
	{"strictatime", kindAtime, unix.MS_STRICTATIME, unix.MOUNT_ATTR_STRICTATIME, ""},
	{"suid", kindClear, unix.MS_NOSUID, unix.MOUNT_ATTR_NOSUID, ""},
	{"symfollow", kindClear, unix.MS_NOSYMFOLLOW, unix.MOUNT_ATTR_NOSYMFOLLOW, ""},
	{"sync", kindSuper, unix.MS_SYNCHRONOUS, 0, "async"},
	{"tmpcopyup", kindTmpCopyUp, 0, 0, ""},
	{"unbindable", kindPropagation, unix.MS_UNBINDABLE, 0, ""},
}

func findMountWord(word string) *mountWord {
	lo, hi := 0, len(mountWords)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch c := strings.Compare(mountWords[mid].word, word); {
		case c == 0:
			return &mountWords[mid]
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil
}

// userspaceOnly tells whether mount(8) keeps the word from the kernel.
func userspaceOnly(word string) bool {
	switch word {
	case "auto", "noauto", "nofail", "_netdev":
		return true
	}
	return strings.HasPrefix(word, "x-") || strings.HasPrefix(word, "X-") || strings.HasPrefix(word, "comment=")
}
