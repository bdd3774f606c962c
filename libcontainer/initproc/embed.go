//go:build creel_embed

package initproc

import _ "embed"

// image is the C program of csrc, built by make before this package.
//
//go:embed init.bin
var image []byte

func program() ([]byte, error) { return image, nil }
