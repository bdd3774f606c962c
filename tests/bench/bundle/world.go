package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// world is where things are.
type world struct {
	bin   string // creel and its companions
	cache string // the Debian that is unpacked
	dir   string // a tmpfs
}

func (w *world) path(elem ...string) string {
	return filepath.Join(append([]string{w.dir}, elem...)...)
}

// run runs a program.
func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// calls is a function that runs a program.
func calls(name string, args ...string) func() error {
	return func() error { return run(name, args...) }
}

// sh is a function that runs a script with arguments.
func sh(script string, args ...string) func() error {
	return calls("sh", append([]string{"-e", "-c", script, "sh"}, args...)...)
}

// packages make the Debian more than 300 MB.
const packages = "build-essential,python3,perl"

// layerPaths are the directories of each layer of the image; the last one has the rest.
var layerPaths = [][]string{{"usr/lib/gcc"}, {"usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"}, {"usr/bin", "usr/sbin"}, {"usr/share"}, {"usr/lib", "usr/include"}}

// makeLayers makes the layers once, and beside the machine's network, which debootstrap needs.
func makeLayers(cache string) error {
	layers, tree := filepath.Join(cache, "layers"), filepath.Join(cache, "tree")
	if _, err := os.Stat(layers); err == nil {
		return nil
	}
	if err := os.RemoveAll(tree); err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	err := run("debootstrap", "--variant=minbase", "--include="+packages, "bookworm", tree)
	if err == nil { // packed already, packages would be most of the last layer
		err = run("sh", "-c", `rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*`, "sh", tree)
	}
	if err == nil {
		err = pack(tree, layers)
	}
	return errors.Join(err, os.RemoveAll(tree))
}

// pack packs the tree as layers.
func pack(tree, to string) error {
	new := to + ".new"
	if err := os.RemoveAll(new); err != nil {
		return err
	}
	if err := os.MkdirAll(new, 0o755); err != nil {
		return err
	}
	var packed []string
	for i, paths := range append(layerPaths, []string{"."}) {
		args := []string{"-C", tree, "--numeric-owner", "--xattrs", "-czf", filepath.Join(new, fmt.Sprintf("%d.tar.gz", i))}
		for _, p := range packed {
			args = append(args, "--exclude=./"+p, "--exclude="+p)
		}
		there := 0
		for _, p := range paths {
			if _, err := os.Stat(filepath.Join(tree, p)); err == nil {
				args, there = append(args, p), there+1
				packed = append(packed, p)
			}
		}
		if there == 0 {
			continue
		}
		if err := run("tar", args...); err != nil {
			return err
		}
	}
	return os.Rename(new, to)
}

// waitForNamespace waits until a process is in another network namespace than this one.
func waitForNamespace(pid int) error {
	ours, err := os.Readlink("/proc/self/ns/net")
	for err == nil {
		var theirs string
		if theirs, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid)); theirs != ours {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return err
}
