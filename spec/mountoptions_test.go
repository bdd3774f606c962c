package spec

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const atimeMask = unix.MOUNT_ATTR__ATIME

func TestMountOptionWordsSortThemselvesByKernelInterface(t *testing.T) {
	cases := []struct {
		words string
		want  MountOptions
	}{
		{"", MountOptions{}},
		{"defaults", MountOptions{}},
		{"nosuid noexec nodev", MountOptions{
			Flags:   unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV,
			AttrSet: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_NODEV}},
		{"suid exec dev", MountOptions{
			Clear:   unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV,
			AttrClr: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_NODEV}},
		{"ro rw", MountOptions{Clear: unix.MS_RDONLY, AttrClr: unix.MOUNT_ATTR_RDONLY}},
		{"rw ro", MountOptions{Flags: unix.MS_RDONLY, AttrSet: unix.MOUNT_ATTR_RDONLY}},
		{"nosymfollow", MountOptions{Flags: unix.MS_NOSYMFOLLOW, AttrSet: unix.MOUNT_ATTR_NOSYMFOLLOW}},
		{"nodiratime", MountOptions{Flags: unix.MS_NODIRATIME, AttrSet: unix.MOUNT_ATTR_NODIRATIME}},
		{"diratime", MountOptions{Clear: unix.MS_NODIRATIME, AttrClr: unix.MOUNT_ATTR_NODIRATIME}},
		{"rro rnosuid rw", MountOptions{Clear: unix.MS_RDONLY, AttrClr: unix.MOUNT_ATTR_RDONLY,
			RecAttrSet: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}},
		{"rro rrw", MountOptions{RecAttrClr: unix.MOUNT_ATTR_RDONLY}},
		{"rsuid rdev rexec rsymfollow rdiratime", MountOptions{
			RecAttrClr: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC |
				unix.MOUNT_ATTR_NOSYMFOLLOW | unix.MOUNT_ATTR_NODIRATIME}},
		{"sync dirsync mand lazytime", MountOptions{
			Flags:      unix.MS_SYNCHRONOUS | unix.MS_DIRSYNC | unix.MS_MANDLOCK | unix.MS_LAZYTIME,
			SuperFlags: []string{"sync", "dirsync", "mand", "lazytime"}}},
		{"silent iversion acl", MountOptions{
			Flags:       unix.MS_SILENT | unix.MS_I_VERSION | unix.MS_POSIXACL,
			LegacyFlags: unix.MS_SILENT | unix.MS_I_VERSION | unix.MS_POSIXACL}},
		{"silent loud", MountOptions{Clear: unix.MS_SILENT}},
		{"bind", MountOptions{Flags: unix.MS_BIND, Bind: true}},
		{"rbind", MountOptions{Flags: unix.MS_BIND | unix.MS_REC, Bind: true, Recursive: true}},
		{"remount", MountOptions{Flags: unix.MS_REMOUNT, Remount: true}},
		{"slave rshared", MountOptions{Propagation: []uintptr{unix.MS_SLAVE, unix.MS_SHARED | unix.MS_REC}}},
		{"tmpcopyup idmap", MountOptions{TmpCopyUp: true, IDMap: "idmap"}},
		{"idmap ridmap", MountOptions{IDMap: "ridmap"}},
		{"copy-symlink", MountOptions{CopySymlink: true}},
		{"dest-nofollow src-nofollow", MountOptions{DestNoFollow: true, SrcNoFollow: true}},
		{"mode=755 nosuid size=65536k newinstance", MountOptions{Flags: unix.MS_NOSUID,
			AttrSet: unix.MOUNT_ATTR_NOSUID, Data: []string{"mode=755", "size=65536k", "newinstance"}}},
		{"nofail _netdev x-mount.mkdir X-mount.mode=0700 comment=hello", MountOptions{}},
	}
	for _, c := range cases {
		t.Run(c.words, func(t *testing.T) {
			got := ParseMountOptions(strings.Fields(c.words))
			if len(got.SuperFlags) == 0 {
				got.SuperFlags = nil
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestTheLastAccessTimeWordWinsAndClearsTheWholeMask(t *testing.T) {
	cases := []struct {
		words    string
		set, clr uint64
		flags    uintptr
	}{
		{"noatime", unix.MOUNT_ATTR_NOATIME, atimeMask, unix.MS_NOATIME},
		{"strictatime", unix.MOUNT_ATTR_STRICTATIME, atimeMask, unix.MS_STRICTATIME},
		{"relatime", 0, atimeMask, unix.MS_RELATIME},
		{"noatime strictatime", unix.MOUNT_ATTR_STRICTATIME, atimeMask, unix.MS_STRICTATIME},
		{"strictatime noatime", unix.MOUNT_ATTR_NOATIME, atimeMask, unix.MS_NOATIME},
		{"strictatime relatime", 0, atimeMask, unix.MS_RELATIME},
		{"atime", 0, atimeMask, 0},
		{"noatime atime", 0, atimeMask, 0},
		{"strictatime atime", unix.MOUNT_ATTR_STRICTATIME, atimeMask, unix.MS_STRICTATIME},
		{"strictatime nostrictatime", 0, atimeMask, 0},
		{"noatime nostrictatime", unix.MOUNT_ATTR_NOATIME, atimeMask, unix.MS_NOATIME},
		{"norelatime", 0, 0, 0},
		{"relatime norelatime", 0, 0, 0},
		{"noatime norelatime", unix.MOUNT_ATTR_NOATIME, atimeMask, unix.MS_NOATIME},
	}
	for _, c := range cases {
		t.Run(c.words, func(t *testing.T) {
			words := strings.Fields(c.words)
			o := ParseMountOptions(words)
			if o.AttrSet != c.set || o.AttrClr != c.clr || o.Flags != c.flags {
				t.Errorf("set %#x clear %#x flags %#x, want %#x %#x %#x", o.AttrSet, o.AttrClr, o.Flags, c.set, c.clr, c.flags)
			}
			for i := range words {
				words[i] = "r" + words[i]
			}
			r := ParseMountOptions(words)
			if r.RecAttrSet != c.set || r.RecAttrClr != c.clr || r.Flags != 0 || r.AttrClr != 0 {
				t.Errorf("recursive: set %#x clear %#x flags %#x, want %#x %#x 0", r.RecAttrSet, r.RecAttrClr, r.Flags, c.set, c.clr)
			}
		})
	}
}

func TestSuperblockWordsAreTakenBackByTheirOpposites(t *testing.T) {
	o := ParseMountOptions([]string{"sync", "lazytime", "async", "sync", "async", "nomand"})
	if !slices.Equal(o.SuperFlags, []string{"lazytime"}) || !slices.Equal(o.SuperClear, []string{"async", "nomand"}) {
		t.Errorf("set %q, clear %q", o.SuperFlags, o.SuperClear)
	}
	if o.Flags != unix.MS_LAZYTIME || o.Clear != unix.MS_SYNCHRONOUS|unix.MS_MANDLOCK {
		t.Errorf("flags %#x, clear %#x", o.Flags, o.Clear)
	}
}

func TestCommasSeparateWordsExceptInQuotesAndAfterABackslash(t *testing.T) {
	o := ParseMountOptions([]string{"mode=755,nosuid,,size=1k", `context="u:r:t:s0:c1,c2",ro`, `lowerdir=/a\,b:/c`, ""})
	want := []string{"mode=755", "size=1k", `context="u:r:t:s0:c1,c2"`, `lowerdir=/a\,b:/c`}
	if !slices.Equal(o.Data, want) {
		t.Errorf("data %q, want %q", o.Data, want)
	}
	if o.Flags != unix.MS_NOSUID|unix.MS_RDONLY {
		t.Errorf("flags %#x", o.Flags)
	}
}

func TestReadOnlyIsTrueForThePlainAndTheRecursiveWord(t *testing.T) {
	for words, want := range map[string]bool{"ro": true, "rro": true, "ro rw": false, "nosuid": false} {
		o := ParseMountOptions(strings.Fields(words))
		if o.ReadOnly() != want {
			t.Errorf("%q: ReadOnly is %v", words, !want)
		}
	}
}

// The words are those of the table in config.md of runtime-spec 1.3.
func TestEveryOptionWordOfTheSpecificationIsKnown(t *testing.T) {
	words := strings.Fields(`async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime
		nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private
		ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime
		rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable
		rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap`)
	known := MountOptionWords()
	if !slices.IsSorted(known) {
		t.Fatal("the table is not sorted: the search in it would miss words")
	}
	for _, w := range words {
		if !slices.Contains(known, w) {
			t.Errorf("%q is missing", w)
		}
		if o := ParseMountOptions([]string{w}); len(o.Data) != 0 {
			t.Errorf("%q was taken for an option of the filesystem", w)
		}
	}
}
