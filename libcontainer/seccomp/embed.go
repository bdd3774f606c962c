//go:build creel_embed

package seccomp

import _ "embed"

// embedded is the profile compiler (cmd/creel-seccomp), built by make before
// this package.
//
//go:embed compiler.bin
var embedded []byte
