// creel-seccomp compiles a seccomp profile into a filter, with libseccomp. It
// reads the profile on stdin (package wire) and writes an array of struct
// sock_filter, in the byte order of the machine, on stdout. When it cannot, it
// says why in a sentence on stderr and ends with status 1.
//
// It is a program of its own because creel does without cgo. creel embeds it
// and runs it when its cache does not hold the filter; nobody else needs it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		os.Stdout.WriteString(version() + "\n")
		return
	}
	if err := run(os.Stdin, os.Stdout); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("seccomp profile: read: %w", err)
	}
	profile, err := wire.Read(text)
	if err != nil {
		return fmt.Errorf("seccomp profile: %d bytes: %w", len(text), err)
	}
	program, err := compile(profile)
	if err != nil {
		return err
	}
	if _, err := out.Write(program); err != nil {
		return fmt.Errorf("seccomp filter: write: %w", err)
	}
	return nil
}
