// Package user finds users and groups in the files of a root filesystem: /etc/passwd and /etc/group (passwd(5), group(5)).
package user

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/rootfs"
)

// User is what a process of a container runs as (runtime-spec, config.md, "User").
type User struct {
	UID, GID uint32
	// AdditionalGIDs are the groups that list the user as a member, in order and without GID.
	AdditionalGIDs []uint32
}

// Lookup finds who is meant by user, uid, user:group, uid:gid, uid:group or user:gid (image-spec 1.1, config.md, "User") in
// the root filesystem rootFD. Empty is root. Without a group it is that of the user in /etc/passwd, and the user is in
// all groups of /etc/group that list it; a group that is given is the only one. A number is always an id, never
// a name that looks like one (CVE-2016-3697); an id that the files do not know has group 0. A name that they do not know is
// an error.
func Lookup(rootFD int, spec string) (User, error) {
	name, group, hasGroup := strings.Cut(spec, ":")
	if name == "" && !hasGroup {
		name = "0"
	}
	if name == "" || hasGroup && group == "" {
		return User{}, fmt.Errorf("user %q: want user, user:group, or numbers in their place", spec)
	}
	var u User
	found, err := findUser(rootFD, name, &u)
	if err != nil {
		return User{}, fmt.Errorf("user %q: %w", spec, err)
	}
	if hasGroup {
		u.GID, err = findGroup(rootFD, group)
	} else if found != "" {
		u.AdditionalGIDs, err = memberships(rootFD, found, u.GID)
	}
	if err != nil {
		return User{}, fmt.Errorf("user %q: %w", spec, err)
	}
	return u, nil
}

// findUser sets the ids, and returns the user's name if there is one.
func findUser(rootFD int, want string, u *User) (string, error) {
	id, isID := number(want)
	found := ""
	err := each(rootFD, "etc/passwd", func(f []string) bool {
		if len(f) < 4 {
			return true
		}
		uid, ok1 := number(f[2])
		gid, ok2 := number(f[3])
		if !ok1 || !ok2 || isID && uid != id || !isID && f[0] != want {
			return true
		}
		found, u.UID, u.GID = f[0], uid, gid
		return false
	})
	switch {
	case err != nil && !(isID && errors.Is(err, os.ErrNotExist)):
		return "", err
	case found == "" && !isID:
		return "", fmt.Errorf("there is no user %q in its /etc/passwd", want)
	case found == "":
		u.UID = id
	}
	return found, nil
}

func findGroup(rootFD int, want string) (gid uint32, err error) {
	if id, isID := number(want); isID {
		return id, nil
	}
	found := false
	err = each(rootFD, "etc/group", func(f []string) bool {
		if len(f) >= 3 && f[0] == want {
			gid, found = number(f[2])
		}
		return !found
	})
	if err == nil && !found {
		err = fmt.Errorf("there is no group %q in its /etc/group", want)
	}
	return gid, err
}

// Group finds a group of the root filesystem by its name or number.
func Group(rootFD int, group string) (uint32, error) {
	gid, err := findGroup(rootFD, group)
	if err != nil {
		return 0, fmt.Errorf("group %q: %w", group, err)
	}
	return gid, nil
}

func memberships(rootFD int, name string, but uint32) (gids []uint32, err error) {
	err = each(rootFD, "etc/group", func(f []string) bool {
		if len(f) >= 4 && slices.Contains(strings.Split(f[3], ","), name) {
			if n, ok := number(f[2]); ok && n != but && !slices.Contains(gids, n) {
				gids = append(gids, n)
			}
		}
		return true
	})
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	slices.Sort(gids)
	return gids, err
}

// number reads an id. 4294967295 stands for none in the kernel.
func number(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err == nil && n < 1<<32-1
}

// maxFile is the size in bytes of the largest file that is read.
const maxFile = 16 << 20

// each hands the fields of each line to f until it returns false.
func each(rootFD int, path string, f func(fields []string) bool) error {
	file, err := rootfs.OpenRegular(rootFD, path)
	if errors.Is(err, rootfs.ErrNotRegular) {
		return fmt.Errorf("its /%s is no regular file", path)
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: "its /" + path, Err: err}
	}
	defer file.Close()
	if st, err := file.Stat(); err != nil {
		return err
	} else if st.Size() > maxFile {
		return fmt.Errorf("its /%s has %d bytes, at most %d are read", path, st.Size(), maxFile)
	}
	lines := bufio.NewReader(io.LimitReader(file, maxFile))
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && !f(strings.Split(line, ":")) {
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
