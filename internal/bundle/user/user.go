// Package user finds users and groups in the files of a container: /etc/passwd and /etc/group (passwd(5), group(5)).
package user

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"golang.org/x/sys/unix"
)

// User is what a process of a container runs as (runtime-spec, config.md, "User").
type User struct {
	UID, GID uint32
	// AdditionalGIDs are the groups that list the user as a member, in the file's order and without GID.
	AdditionalGIDs []uint32
}

// Files are a container's own /etc/passwd and /etc/group. One that is missing is nil.
type Files struct{ Passwd, Group []byte }

// In reads the files of the root filesystem rootFD, whose links lead nowhere else (openat2(2), RESOLVE_IN_ROOT).
func In(rootFD int) (*Files, error) {
	f := new(Files)
	var err error
	if f.Passwd, err = inRoot(rootFD, "etc/passwd"); err != nil {
		return nil, err
	}
	f.Group, err = inRoot(rootFD, "etc/group")
	return f, err
}

func inRoot(rootFD int, path string) (text []byte, err error) {
	file, err := rootfs.OpenRegular(rootFD, path)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return nil, nil
	}
	if err == nil {
		defer file.Close()
		text, err = Read(file)
	}
	if err != nil {
		return nil, fmt.Errorf("its /%s: %w", path, err)
	}
	return text, nil
}

// maxFile is the size in bytes of the largest file that is read.
const maxFile = 16 << 20

// Read reads one of the files to its end, unless it is too long.
func Read(r io.Reader) ([]byte, error) {
	return bounded.All(r, maxFile)
}

// A NotFoundError is about a name that the files do not have.
type NotFoundError struct {
	Kind, Name string // user or group
	File       string // in /etc
	missing    bool
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("there is no %s %q in its /etc/%s", e.Kind, e.Name, e.File)
	if e.missing {
		text += ": " + unix.ENOENT.Error()
	}
	return text
}

// Lookup finds who is meant by user, uid, user:group, uid:gid, uid:group or user:gid (image-spec 1.1, config.md, "User") in
// the files. Empty is root. Without a group it is that of the user in /etc/passwd, and the user is in
// all groups of /etc/group that list it; a group that is given is the only one. A number is always an id, never
// a name that looks like one (CVE-2016-3697); an id that the files do not know has group 0. A name that they do not know is
// a *NotFoundError.
func (f *Files) Lookup(spec string) (User, error) {
	name, group, hasGroup := strings.Cut(spec, ":")
	if name == "" && !hasGroup {
		name = "0"
	}
	if name == "" || hasGroup && group == "" {
		return User{}, fmt.Errorf("user %q: want user, user:group, or numbers in their place", spec)
	}
	var u User
	found, err := f.user(name, &u)
	if err != nil {
		return User{}, fmt.Errorf("user %q: %w", spec, err)
	}
	if hasGroup {
		u.GID, err = f.FindGroup(group)
	} else if found != "" {
		u.AdditionalGIDs, err = f.memberships(found, u.GID)
	}
	if err != nil {
		return User{}, fmt.Errorf("user %q: %w", spec, err)
	}
	return u, nil
}

// user sets the ids, and returns the user's name if there is one.
func (f *Files) user(want string, u *User) (found string, err error) {
	id, isID := number(want)
	for line := range lines(f.Passwd, 4) {
		uid, ok1 := number(line[2])
		gid, ok2 := number(line[3])
		if ok1 && ok2 && (isID && uid == id || !isID && line[0] == want) {
			u.UID, u.GID = uid, gid
			return line[0], nil
		}
	}
	if u.UID = id; isID {
		return "", nil
	}
	return "", &NotFoundError{"user", want, "passwd", f.Passwd == nil}
}

// FindGroup finds a group by its name or number.
func (f *Files) FindGroup(want string) (gid uint32, err error) {
	if id, isID := number(want); isID {
		return id, nil
	}
	for line := range lines(f.Group, 3) {
		if gid, ok := number(line[2]); ok && line[0] == want {
			return gid, nil
		}
	}
	return 0, &NotFoundError{"group", want, "group", f.Group == nil}
}

// maxGroups is NGROUPS_MAX (setgroups(2)).
const maxGroups = 65536

// memberships are the groups that list a user, but one.
func (f *Files) memberships(name string, but uint32) (gids []uint32, err error) {
	seen := map[uint32]bool{but: true}
	for line := range lines(f.Group, 4) {
		gid, ok := number(line[2])
		if !ok || seen[gid] || !slices.Contains(strings.Split(line[3], ","), name) {
			continue
		}
		if seen[gid] = true; len(gids) == maxGroups {
			return nil, fmt.Errorf("it is in more than %d groups of its /etc/group, which are all that a process can have", maxGroups)
		}
		gids = append(gids, gid)
	}
	return gids, nil
}

// number reads an id. 4294967295 stands for none in the kernel.
func number(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err == nil && n < 1<<32-1
}

// lines are the fields of each line that has enough of them.
func lines(text []byte, fields int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if f := strings.Split(line, ":"); len(f) >= fields && line[0] != '#' && !yield(f) {
				return
			}
		}
	}
}
