// Bundle measures creel-bundle and creel-netns: unpacking against umoci and tar, shifting of ids against chown, and what
// is done at every start. Commands that are compared take turns, each into a fresh directory of a tmpfs.
//
// It needs root, umoci, debootstrap and the programs that make built.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	bin, cache, cases, out string
	rounds                 int
	check                  bool
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "directory with creel, creel-bundle and creel-netns")
	flag.StringVar(&o.cache, "cache", "build/bench-bundle", "directory for the Debian that is unpacked, which is made once")
	flag.StringVar(&o.cases, "cases", "", "comma-separated names of the cases to measure, all when empty")
	flag.StringVar(&o.out, "out", "", "directory that receives bench-bundle.json")
	flag.IntVar(&o.rounds, "rounds", 10, "turns of each command")
	flag.BoolVar(&o.check, "check", false, "fail when a bar is missed")
	flag.Parse()
	missed, err := measure(&o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-bundle:", err)
		os.Exit(1)
	}
	if missed > 0 && o.check {
		os.Exit(1)
	}
}

// measure measures all cases and returns how many bars were missed.
func measure(o *options) (missed int, err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return 0, err
	}
	if o.cache, err = filepath.Abs(o.cache); err != nil {
		return 0, err
	}
	if o.wants("unpack") {
		if err := makeLayers(o.cache); err != nil {
			return 0, err
		}
	}
	if err := enterPrivate(); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "creel-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"); err != nil {
		return 0, fmt.Errorf("mount a tmpfs on %s: %w", dir, err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	w := &world{bin: bin, cache: o.cache, dir: dir}
	var results []result
	for _, c := range cases {
		if !o.wants(c.name) {
			continue
		}
		r, err := c.measure(w, o.rounds)
		if err != nil {
			return missed, fmt.Errorf("%s: %w", c.name, err)
		}
		missed += r.print(os.Stdout)
		results = append(results, r)
	}
	if o.out == "" {
		return missed, nil
	}
	text, err := json.MarshalIndent(map[string]any{"date": time.Now().Format(time.DateOnly), "rounds": o.rounds, "cases": results}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(o.out, "bench-bundle.json"), append(text, '\n'), 0o644)
	}
	return missed, err
}

// wants says whether a case is to be measured.
func (o *options) wants(name string) bool {
	return o.cases == "" || slices.Contains(strings.Split(o.cases, ","), name)
}
