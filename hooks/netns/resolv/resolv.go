// Package resolv writes the file with a container's name servers (resolv.conf(5)).
package resolv

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Check says what is wrong with name servers and domains to search.
func Check(servers, search []string) error {
	for _, s := range servers {
		if _, err := netip.ParseAddr(s); err != nil {
			return fmt.Errorf("--dns: %q is no address", s)
		}
	}
	for _, s := range search {
		if s == "" || strings.ContainsAny(s, " \t\r\n\x00#;") {
			return fmt.Errorf("--dns-search: %q is no domain", s)
		}
	}
	return nil
}

// Text is the file.
func Text(servers, search []string) string {
	var b strings.Builder
	if len(search) > 0 {
		b.WriteString("search " + strings.Join(search, " ") + "\n")
	}
	for _, s := range servers {
		b.WriteString("nameserver " + s + "\n")
	}
	return b.String()
}

// Write writes a file, below the bundle unless its path is absolute. What is there is written over, not replaced: it may be
// mounted in the container already. No link leads the last step elsewhere, and in the bundle no step.
func Write(bundle, path, text string) error {
	how := unix.OpenHow{Flags: unix.O_WRONLY | unix.O_CREAT | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC, Mode: 0o644}
	base := unix.AT_FDCWD
	if !filepath.IsAbs(path) {
		fd, err := unix.Open(bundle, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open the bundle %s: %w", bundle, err)
		}
		defer unix.Close(fd)
		base, how.Resolve = fd, unix.RESOLVE_BENEATH|unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS
	}
	fd, err := unix.Openat2(base, path, &how)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	err = fill(fd, text)
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func fill(fd int, text string) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return errors.New("it is no regular file")
	}
	if err := unix.Ftruncate(fd, 0); err != nil {
		return err
	}
	_, err := unix.Write(fd, []byte(text))
	return err
}
