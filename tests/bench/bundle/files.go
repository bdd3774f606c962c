package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

func (w *world) program(name string) string { return filepath.Join(w.bin, name) }

// files makes a tree of 100,000 small files in 1,000 directories.
func (w *world) files(dir string) error {
	for d := range 1000 {
		sub := filepath.Join(dir, fmt.Sprintf("d%03d", d))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		for f := range 100 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%02d", f)), []byte("some text\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// busybox makes a root filesystem with the users that the container of the inspect JSON may have.
func busybox(dir string) error {
	if err := harness.MakeRootfs(dir); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"passwd": "root:x:0:0::/root:/bin/sh\nwww:x:33:33::/srv:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n",
		"group":  "root:x:0:\nadm:x:4:\nmore:x:2000:\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// config is of a container with a user namespace that runs true(1).
const config = `{"ociVersion": "1.2.0", "process": {"args": ["/bin/true"], "cwd": "/", "user": {"uid": 0, "gid": 0}}, "root": {"path": "rootfs"},
	"mounts": [{"destination": "/", "type": "bind", "source": "rootfs", "options": ["bind"IDMAP]}, {"destination": "/proc", "type": "proc", "source": "proc"}],
	"linux": {"uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}], "gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
	"namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}]}}
`

// bundle makes one of 100,000 files and busybox.
func (w *world) bundle(dir, idmap string) error {
	rootfs := filepath.Join(dir, "rootfs")
	if err := w.files(filepath.Join(rootfs, "files")); err != nil {
		return err
	}
	if err := busybox(rootfs); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.Replace(config, "IDMAP", idmap, 1)), 0o644)
}

// hook runs the network hook for a process that sleeps in a network namespace of its own.
func hook(w *world) ([]subject, error) {
	program := w.program("creel-netns")
	var sleeper *exec.Cmd
	call := func(command string, args ...string) error {
		cmd := exec.Command(program, append([]string{command, "--state-dir", w.path("netns")}, args...)...)
		cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"ociVersion":"1.2.0","id":"bench","status":"creating","pid":%d,"bundle":%q}`,
			sleeper.Process.Pid, w.dir))
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("creel-netns %s: %w: %s", command, err, said.String())
		}
		return nil
	}
	return []subject{{
		name: "creel-netns hook, with a port",
		before: func() error {
			sleeper = exec.Command("unshare", "--net", "sleep", "60")
			if err := sleeper.Start(); err != nil {
				return err
			}
			return waitForNamespace(sleeper.Process.Pid)
		},
		call: func() error { return call("hook", "--subnet", "10.99.0.0/24", "--publish", "127.0.0.1:8080:80") },
		after: func() error {
			if err := call("release"); err != nil {
				return err
			}
			if err := sleeper.Process.Kill(); err != nil {
				return err
			}
			_ = sleeper.Wait() // it was killed
			return nil
		},
	}}, nil
}
