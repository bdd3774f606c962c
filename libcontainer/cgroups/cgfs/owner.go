package cgfs

import (
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A cgroup that a container uses carries the container's token in an extended attribute. Without it, a record that was
// written before its cgroup was made could not tell, after a crash, whether a cgroup at that path is the
// container's or somebody else's, whose processes must not be killed. trusted.* cannot be changed from a user
// namespace, but not by a rootless caller either; user.* works for its owner (cgroup2, Linux 5.7).
const (
	trustedMark = "trusted.creel"
	userMark    = "user.creel"
	// adopted precedes the token on a cgroup that was there before.
	adopted = "="
)

// Owner says whose a cgroup is.
type Owner int

// The owners that OwnerOf tells apart.
const (
	Absent   Owner = iota // there is no such cgroup
	Nobody                // no container of creel's
	Another               // another container of creel's
	Mine                  // the container's, made for it
	Borrowed              // the container's, but made by somebody else
)

// NewToken returns a random token, or none if the kernel has no randomness yet.
func NewToken() string {
	var raw [8]byte
	if n, err := unix.Getrandom(raw[:], unix.GRND_NONBLOCK); err != nil || n != len(raw) {
		return ""
	}
	return hex.EncodeToString(raw[:])
}

// Mark gives the cgroup to a container, as made for it or as borrowed. It reports whether the kernel keeps such marks.
func (d *Dir) Mark(token string, borrowed bool) bool {
	if token == "" {
		return false
	}
	if borrowed {
		token = adopted + token
	}
	self := d.attributes(".")
	return unix.Lsetxattr(self, trustedMark, []byte(token), 0) == nil ||
		unix.Lsetxattr(self, userMark, []byte(token), 0) == nil
}

// Unmark takes the mark away.
func (d *Dir) Unmark() {
	for _, name := range [...]string{trustedMark, userMark} {
		_ = unix.Lremovexattr(d.attributes("."), name)
	}
}

// attributes is where the extended attributes of a sub-cgroup are reached, or with "." those of d: calls that take an fd
// take none of O_PATH, and those that take a directory fd came with Linux 6.13.
func (d *Dir) attributes(name string) string {
	return "/proc/self/fd/" + strconv.Itoa(d.fd) + "/" + name
}

// OwnerOf tells whose the sub-cgroup of that name is, or with "." whose d is, from the view of the container with a token.
func (d *Dir) OwnerOf(name, token string) Owner {
	path := d.attributes(name)
	for _, attr := range [...]string{trustedMark, userMark} {
		var buf [64]byte
		n, err := unix.Lgetxattr(path, attr, buf[:])
		if err == unix.ENOENT {
			return Absent
		}
		if err != nil {
			continue
		}
		switch mark := string(buf[:n]); {
		case mark == token:
			return Mine
		case mark == adopted+token:
			return Borrowed
		case strings.HasPrefix(mark, adopted):
			return Nobody // once borrowed, still somebody else's
		}
		return Another
	}
	return Nobody
}

// RemoveParents removes the parents of a cgroup, up to the mount point, that were made for the container with a
// token or for another one, and are empty now: the last one to need them takes them away.
func RemoveParents(path, mount, token string) {
	for path, _ = Split(path); len(path) > len(mount); path, _ = Split(path) {
		parent, name := Split(path)
		d, err := Open(parent)
		if err != nil {
			return
		}
		owner := d.OwnerOf(name, token)
		if owner == Mine || owner == Another {
			err = d.Rmdir(name)
		}
		d.Close()
		if err != nil || owner != Mine && owner != Another {
			return
		}
	}
}
