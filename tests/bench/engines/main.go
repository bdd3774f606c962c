// Engines measures runtimes under container engines: `docker run`, twenty of them at once, `ctr run`, and the
// commands that Kubernetes executes in containers as probes. Every case takes the runtimes in turn, in one run, and
// tells the time that a user waits and the processor time of the runtime's own processes.
//
// It needs root and the engines' Debian packages. What it makes is in namespaces of its own and ends with them.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/engines"
)

// options are the flags.
type options struct {
	cases, out string
	rounds     int
	runtimes   []program
}

// A program is a runtime under test.
type program struct{ name, path string }

func (o *options) add(name, path string) error {
	path, err := exec.LookPath(path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		o.runtimes = append(o.runtimes, program{name, path})
	}
	return err
}

func main() {
	var o options
	creel := flag.String("creel", "bin/creel", "the creel to measure")
	flag.StringVar(&o.cases, "cases", "", "comma-separated names of the cases to measure, all when empty")
	flag.StringVar(&o.out, "out", "", "directory that receives bench-engines.json")
	flag.IntVar(&o.rounds, "rounds", 10, "turns of each runtime")
	flag.Func("peer", "another runtime, NAME=PATH (repeatable)", func(s string) error {
		name, path, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("%q: want NAME=PATH", s)
		}
		return o.add(name, path)
	})
	flag.Parse()
	peers := o.runtimes
	o.runtimes = nil
	err := o.add("creel", *creel)
	if err == nil {
		o.runtimes = append(o.runtimes, peers...)
		err = os.Setenv("CREEL", o.runtimes[0].path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-engines:", err)
		os.Exit(1)
	}
	os.Exit(run(&o))
}

// run listens outside and measures inside of the engines' world: the kernel tells of processes that ended to
// listeners of the first pid namespace only.
func run(o *options) int {
	if os.Getenv(tasksFile) == "" {
		stop, err := listen()
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench-engines: processor times of processes:", err)
			return 1
		}
		defer stop()
	}
	needs := maps.Clone(engines.DockerNeeds)
	maps.Copy(needs, engines.ContainerdNeeds)
	return engines.Main(o, engines.World{
		Overlays: []string{"/etc", "/var/lib"},
		Needs:    needs,
		Prepare:  func() error { return prepare(o) },
	})
}

// Run measures, when the engines run.
func (o *options) Run() int {
	var results []result
	for _, c := range allCases() {
		if o.cases != "" && !strings.Contains(","+o.cases+",", ","+c.name+",") {
			continue
		}
		r, err := measure(o, c)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench-engines: %s: %v\n", c.name, err)
			return 1
		}
		r.print(os.Stdout)
		results = append(results, r)
	}
	if o.out == "" {
		return 0
	}
	if err := write(filepath.Join(o.out, "bench-engines.json"), o, results); err != nil {
		fmt.Fprintln(os.Stderr, "bench-engines:", err)
		return 1
	}
	return 0
}
