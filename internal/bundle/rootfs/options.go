// Package rootfs unpacks archives into a root filesystem, in one pass and by file descriptors below one directory only:
// whatever an archive holds, nothing outside of that directory changes.
package rootfs

import "github.com/creel-project/creel/internal/bundle/userns"

// Options say how an Extractor unpacks. Their zero value keeps all ids and has no limits.
type Options struct {
	// Shift makes host ids of an archive's ids while they are written: owners, those in POSIX ACLs, and the root of file
	// capabilities. An id that it does not map is an error. Empty for ids as they are, as for an id-mapped root.
	Shift userns.Range
	// Limits end the extraction of an archive that is larger, with a *LimitError.
	Limits Limits
	// Rootless leaves all files to the caller, who may not give them away: owners other than root of the container are in
	// the report, and so is what an ordinary user may not set (devices, capabilities).
	Rootless bool
	// Whiteouts is what becomes of a layer's whiteouts; Flat knows none.
	Whiteouts Whiteouts
}

// Limits of all that one Extractor unpacks; 0 stands for none.
type Limits struct {
	Bytes   int64 // of the uncompressed archives, headers and the holes of sparse files included
	Entries int64 // of the archives
}

// Whiteouts are the marks of a layer for what it takes away from those below (image-spec, layer.md, "Whiteouts").
type Whiteouts int

const (
	// Apply removes what earlier layers made in the same root.
	Apply Whiteouts = iota
	// Overlay writes them as overlayfs reads them, for a layer in a directory of its own: character devices 0:0, and the
	// attribute trusted.overlay.opaque, or user.overlay.opaque with Rootless (mount option userxattr).
	// Where no lower layer has the directory that a whiteout lies in, overlayfs lists its name, but finds nothing there.
	Overlay
)
