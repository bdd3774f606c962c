package seccomp

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// compiler is the profile compiler that will be used: a function, a program in
// memory or a program in the file system.
type compiler struct {
	id         string // equal ids give equal programs; "" when that is not known
	libseccomp string // its version, "" when that is not known
	fn         func(profile []byte) ([]byte, error)
	code       []byte
	path       string
}

// installed are the places where a package may put the profile compiler for
// programs that do not embed it. `make install` does not: what it installs embeds
// its own.
var installed = [...]string{
	"/usr/local/libexec/creel/creel-seccomp",
	"/usr/libexec/creel/creel-seccomp",
}

func findCompiler(o Options) (*compiler, error) {
	if o.Compiler != nil {
		c := &compiler{fn: o.Compiler}
		if o.CompilerID != "" {
			c.id = "func " + o.CompilerID
		}
		return c, nil
	}
	if o.CompilerPath != "" {
		return openCompiler(o.CompilerPath)
	}
	if len(embedded) > 0 {
		c := &compiler{code: embedded}
		c.identify(embedded)
		return c, nil
	}
	for _, path := range installed {
		c, err := openCompiler(path)
		if err == nil || !errors.Is(err, unix.ENOENT) {
			return c, err
		}
	}
	return nil, fmt.Errorf("seccomp profile compiler: neither embedded (build tag creel_embed) nor installed as %v: %w",
		installed, unix.ENOENT)
}

func openCompiler(path string) (*compiler, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("seccomp profile compiler %s: open: %w", path, err)
	}
	defer unix.Close(fd)
	var head [notesWithin]byte
	n, err := unix.Pread(fd, head[:], 0)
	if err != nil {
		return nil, fmt.Errorf("seccomp profile compiler %s: read: %w", path, err)
	}
	c := &compiler{path: path}
	c.identify(head[:n])
	return c, nil
}

// identify reads the identity from the first bytes of the program. A compiler
// without a build id stays unknown, and nothing that it makes is cached.
func (c *compiler) identify(elf []byte) {
	id, lib := readNotes(elf)
	c.libseccomp = lib
	if id != "" {
		c.id = "libseccomp " + lib + " " + id
	}
}

// LibseccompVersion is the version of the libseccomp that compiles profiles
// ("2.5.4"), or "" when the compiler does not say. It runs nothing and fails
// only when no compiler is found.
func LibseccompVersion(o Options) (string, error) {
	c, err := findCompiler(o)
	if err != nil {
		return "", err
	}
	return c.libseccomp, nil
}
