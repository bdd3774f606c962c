package main

// #cgo pkg-config: libseccomp
import "C"

import (
	"fmt"

	"github.com/seccomp/libseccomp-golang"
)

// version is that of the libseccomp in this program; note.c holds it as well.
func version() string {
	major, minor, micro := seccomp.GetLibraryVersion()
	return fmt.Sprintf("%d.%d.%d", major, minor, micro)
}
