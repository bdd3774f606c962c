// Package resolv writes the files by which a container resolves names: its name servers (resolv.conf(5)), and the names
// that it knows by itself (hosts(5)).
package resolv

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A Conf is what resolv.conf(5) says.
type Conf struct {
	Servers []string // addresses
	Search  []string // domains
	Options []string // as ndots:1
}

// Check says what is wrong with it.
func (c Conf) Check() error {
	for _, s := range c.Servers {
		if _, err := netip.ParseAddr(s); err != nil {
			return fmt.Errorf("--dns: %q is no address", s)
		}
	}
	for _, s := range c.Search {
		if !word(s) {
			return fmt.Errorf("--dns-search: %q is no domain", s)
		}
	}
	for _, s := range c.Options {
		if !word(s) {
			return fmt.Errorf("--dns-option: %q is no option", s)
		}
	}
	return nil
}

// word says whether a text can stand in a line of such a file.
func word(s string) bool { return s != "" && !strings.ContainsAny(s, " \t\r\n\v\f\x00#;") }

// Or is the configuration with what it lacks taken from another one.
func (c Conf) Or(other Conf) Conf {
	if len(c.Servers) == 0 {
		c.Servers = other.Servers
	}
	if len(c.Search) == 0 {
		c.Search = other.Search
	}
	if len(c.Options) == 0 {
		c.Options = other.Options
	}
	return c
}

// Text is the file.
func (c Conf) Text() string {
	var b strings.Builder
	if len(c.Search) > 0 {
		b.WriteString("search " + strings.Join(c.Search, " ") + "\n")
	}
	for _, s := range c.Servers {
		b.WriteString("nameserver " + s + "\n")
	}
	if len(c.Options) > 0 {
		b.WriteString("options " + strings.Join(c.Options, " ") + "\n")
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
