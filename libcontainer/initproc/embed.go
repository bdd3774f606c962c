//go:build creel_embed

package initproc

import _ "embed"

// binary is the C program of csrc, built by make before this package.
//
//go:embed init.bin
var binary []byte

func program() ([]byte, error) { return binary, nil }
