// Package initproc_test tests init, the C program in libcontainer/initproc, on
// a real kernel: built for the host with the address and undefined behaviour
// sanitizers, and driven through its socket.
package initproc_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const sources = "../../libcontainer/initproc/csrc"

// host is the built program.
var host string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "creel-init-")
	if err == nil {
		host, err = build(dir)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(dir string) (string, error) {
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	files, err := filepath.Glob(filepath.Join(sources, "*.c"))
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "host")
	args := []string{"-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined",
		"-fno-sanitize-recover=undefined", "-I", sources, "-o", out, "csrc/host.c"}
	for _, f := range files {
		// the entry and memcpy are libc's here
		if base := filepath.Base(f); !strings.HasPrefix(base, "arch_") && base != "mem.c" {
			args = append(args, f)
		}
	}
	if msg, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build init for the host with %s: %w\n%s", cc, err, msg)
	}
	return out, nil
}
