//go:build !amd64 && !arm64 && !riscv64

package main

var newerNative = [...]numbered{}
