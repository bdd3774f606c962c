//go:build creel_embed

package systemd

import _ "embed"

// embedded is the helper (cmd/creel-systemd), built by make before this package.
//
//go:embed helper.bin
var embedded []byte
