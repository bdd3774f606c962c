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
	"time"

	"github.com/creel-project/creel/tests/harness"
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
	err := o.prepare()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-bundle:", err)
		os.Exit(1)
	}
	w := &world{bin: o.bin, cache: o.cache}
	os.Exit(harness.MainIn(&session{&o, w}, harness.World{
		Network: true, Tmpfs: []string{"/run"},
		Needs:   map[string]string{"umoci": "umoci"},
		Prepare: func(dir string) error { w.dir = dir; return nil },
	}))
}

// prepare makes what needs the machine's own network, and paths that are good everywhere.
func (o *options) prepare() (err error) {
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if o.cache, err = filepath.Abs(o.cache); err != nil {
		return err
	}
	if err = os.Setenv("CREEL", filepath.Join(o.bin, "creel")); err != nil || !o.wants("unpack") {
		return err
	}
	return makeLayers(o.cache)
}

// A session is the benchmark in its world.
type session struct {
	*options
	*world
}

// Run measures, and returns the exit status.
func (s *session) Run() int {
	missed, err := s.measure()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-bundle:", err)
		return 1
	}
	if missed > 0 && s.check {
		return 1
	}
	return 0
}

// measure measures all cases and returns how many bars were missed.
func (s *session) measure() (missed int, err error) {
	var results []result
	for _, c := range cases {
		if !s.wants(c.name) {
			continue
		}
		found, err := c.measure(s.world, s.rounds)
		if err != nil {
			return missed, fmt.Errorf("%s: %w", c.name, err)
		}
		missed += found.print(os.Stdout)
		results = append(results, found)
	}
	if s.out == "" {
		return missed, nil
	}
	text, err := json.MarshalIndent(map[string]any{"date": time.Now().Format(time.DateOnly), "rounds": s.rounds, "cases": results}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(s.out, "bench-bundle.json"), append(text, '\n'), 0o644)
	}
	return missed, err
}

// wants says whether a case is to be measured.
func (o *options) wants(name string) bool {
	return o.cases == "" || slices.Contains(strings.Split(o.cases, ","), name)
}
