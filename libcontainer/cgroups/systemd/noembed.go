//go:build !creel_embed

package systemd

// embedded is empty: the helper is one that is installed.
var embedded []byte
