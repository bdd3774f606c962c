package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

//go:embed csrc
var csrc embed.FS

// prefix begins the name of every container and cgroup that the benchmark makes.
const prefix = "creelbench-"

// privateEnv tells the benchmark that it runs in its own mount namespace.
const privateEnv = "CREEL_BENCH_PRIVATE"

// enterPrivate re-executes the benchmark in a mount namespace of its own, so that
// a tmpfs can hold everything it makes and vanishes with it.
func enterPrivate() error {
	if os.Getenv(privateEnv) != "" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return err
	}
	argv := append([]string{"unshare", "-m", "--propagation", "private", self}, os.Args[1:]...)
	return syscall.Exec(unshare, argv, append(os.Environ(), privateEnv+"=1"))
}

// makeWorld makes the directory that holds everything: a tmpfs, as /run is on a
// host, with the C programs and the root filesystem in it.
func makeWorld() (dir string, err error) {
	if dir, err = os.MkdirTemp("", prefix); err != nil {
		return "", err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"); err != nil {
		return dir, fmt.Errorf("mount a tmpfs on %s: %w", dir, err)
	}
	built := filepath.Join(dir, "c")
	if err := os.CopyFS(built, csrc); err != nil {
		return dir, err
	}
	for _, name := range []string{"true", "pause", "floor", "meter"} {
		if err := compile(filepath.Join(built, "csrc"), filepath.Join(built, name), name+".c"); err != nil {
			return dir, err
		}
	}
	return dir, makeRootfs(filepath.Join(dir, "rootfs"), built)
}

// compile builds one of our C programs: static, and without libc but for meter.
func compile(dir, out, source string) error {
	flags := "-std=gnu11 -O2 -Wall -Wextra -Werror -static -s"
	if source != "meter.c" {
		flags += " -ffreestanding -nostdlib -fno-stack-protector -fno-pie -no-pie -fno-asynchronous-unwind-tables" +
			" -Wl,--build-id=none -Wl,-z,noexecstack"
	}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	cmd := exec.Command(cc, append(strings.Fields(flags), "-o", out, source)...)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", source, err, text)
	}
	return nil
}

// cgroup2 is the command that runs another one where /sys/fs/cgroup is cgroup v2.
// Where v1 holds the controllers this offers none, but all else is native.
func cgroup2() []string {
	var fs syscall.Statfs_t
	const cgroup2Magic = 0x63677270
	if syscall.Statfs("/sys/fs/cgroup", &fs) == nil && fs.Type == cgroup2Magic {
		return nil
	}
	return []string{"unshare", "-m", "--propagation", "private", "sh", "-c",
		`umount -Rl /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"`, "cgroup2"}
}
