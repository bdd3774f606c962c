//go:build !creel_embed

package seccomp

// embedded is empty: the profile compiler is one that the caller names or that
// is installed.
var embedded []byte
