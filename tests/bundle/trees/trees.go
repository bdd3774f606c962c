// Package trees describes directories for tests, all that a file has but for what changes by being looked at.
package trees

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Describe has a line for each file in dir: name, type and mode, owner, number of names, time, content or target or device,
// attributes. Files with several names have the same number behind #.
func Describe(t testing.TB, dir string) map[string]string {
	t.Helper()
	lines := map[string]string{}
	links := map[uint64]int{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		line := fmt.Sprintf("%o %d:%d", st.Mode, st.Uid, st.Gid)
		if name != "." {
			line += fmt.Sprintf(" %d.%09d", st.Mtim.Sec, st.Mtim.Nsec)
		}
		if st.Mode&unix.S_IFMT != unix.S_IFDIR && st.Nlink > 1 {
			if links[st.Ino] == 0 {
				links[st.Ino] = len(links) + 1
			}
			line += fmt.Sprintf(" #%d of %d", links[st.Ino], st.Nlink)
		}
		more, err := content(path, &st)
		if err != nil {
			return err
		}
		lines[name] = line + more + strings.Join(Xattrs(t, path), "")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func content(path string, st *unix.Stat_t) (string, error) {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		data, err := os.ReadFile(path)
		return fmt.Sprintf(" %d bytes %x", len(data), sha256.Sum256(data)), err
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		return " -> " + target, err
	case unix.S_IFCHR, unix.S_IFBLK:
		return fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev)), nil
	}
	return "", nil
}

// Xattrs lists the extended attributes of a file with their values.
func Xattrs(t testing.TB, path string) (all []string) {
	t.Helper()
	buf := make([]byte, 64<<10)
	n, err := unix.Llistxattr(path, buf)
	if err != nil {
		t.Fatalf("attributes of %s: %v", path, err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00") {
		if name == "" {
			continue
		}
		value := make([]byte, 4<<10)
		n, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			t.Fatalf("attribute %s of %s: %v", name, path, err)
		}
		all = append(all, fmt.Sprintf(" %s=%x", name, value[:n]))
	}
	slices.Sort(all)
	return all
}

// Same fails the test for each name at which two descriptions differ.
func Same(t testing.TB, got, want map[string]string) {
	t.Helper()
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if got[name] != want[name] {
			t.Errorf("%s\n got %q\nwant %q", name, got[name], want[name])
		}
	}
}
