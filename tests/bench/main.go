// Bench compares creel with crun, runc and the floor: a C program that does the
// kernel work of `run /bin/true` and nothing else. It needs root and a C compiler.
//
// Each case is measured in alternating blocks of calls of one runtime
// (A×10, B×10, A×10 …), because the teardown of one runtime's network namespaces
// slows the next one's calls. All calls go through one small C process that
// starts and times them. Everything that is made lives in a tmpfs of a private
// mount namespace and in cgroups with a prefix of ours, and is removed at the end,
// after a failure and after ^C as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	creel, cases, out string
	peers             []string
	rounds, block     int
	idle              time.Duration
	quick, check      bool
}

func main() {
	var o options
	flag.StringVar(&o.creel, "creel", "bin/creel", "the creel to measure; left out when it is not there")
	flag.StringVar(&o.cases, "cases", "", "comma-separated names of the cases to measure, all when empty")
	flag.StringVar(&o.out, "out", "", "directory that receives bench.json and bench.svg")
	flag.IntVar(&o.rounds, "rounds", 10, "turns of each runtime")
	flag.IntVar(&o.block, "block", 10, "calls a turn")
	flag.DurationVar(&o.idle, "idle", 300*time.Millisecond, "pause before a call on an idle machine")
	flag.BoolVar(&o.quick, "quick", false, "a fifth of the turns")
	flag.BoolVar(&o.check, "check", false, "fail when a bar is missed")
	flag.Func("peer", "another runtime, NAME=PATH (repeatable)", func(s string) error {
		o.peers = append(o.peers, s)
		return nil
	})
	flag.Parse()
	if o.quick {
		o.rounds = max(1, o.rounds/5)
	}
	if err := enterPrivate(); err != nil {
		fail(err)
	}
	missed, err := measure(o)
	if err != nil {
		fail(err)
	}
	if missed > 0 && o.check {
		fail(fmt.Errorf("%d bars missed", missed))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// measure does it all, and returns how many bars were missed.
func measure(o options) (missed int, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	sweep() // what an earlier, killed benchmark left
	dir, err := makeWorld()
	defer func() {
		syscall.Unmount(dir, syscall.MNT_DETACH)
		os.Remove(dir)
	}()
	if err != nil {
		return 0, err
	}
	b, err := newBench(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer b.close()
	b.rounds, b.block, b.idle = o.rounds, o.block, o.idle
	if b.runtimes, err = contestants(o.creel, o.peers, dir, filepath.Join(dir, "c", "floor")); err != nil {
		return 0, err
	}
	if err := b.probe(); err != nil {
		return 0, err
	}
	r, err := b.measure(o)
	if err != nil {
		return 0, err
	}
	r.print(os.Stdout)
	for _, v := range r.Verdicts {
		if !v.Pass {
			missed++
		}
	}
	if o.out == "" {
		return missed, nil
	}
	if err := r.write(filepath.Join(o.out, "bench.json")); err != nil {
		return missed, err
	}
	return missed, r.chart(filepath.Join(o.out, "bench.svg"))
}

// measure runs the selected cases.
func (b *bench) measure(o options) (*report, error) {
	wanted := func(name string) bool {
		return o.cases == "" || strings.Contains(","+o.cases+",", ","+name+",")
	}
	for _, c := range cases {
		if wanted(c.name) {
			if err := b.run(c); err != nil {
				return nil, err
			}
		}
	}
	if wanted("memory") {
		if err := b.sizes(o.creel); err != nil {
			return nil, err
		}
	}
	r := b.newReport()
	if wanted("syscalls") {
		var err error
		if r.Syscalls, err = b.countSyscalls(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// sizes adds the memory limits and the size of the program.
func (b *bench) sizes(creel string) error {
	for _, r := range b.runtimes {
		if !r.oci || strings.HasPrefix(r.name, "crun") && cgroup2() != nil {
			continue // crun refuses a machine with both versions of cgroups
		}
		progress("smallest-limit: %s", r.name)
		kib, err := b.smallestLimit(r)
		if err != nil {
			return err
		}
		b.results.addMemory("smallest-limit", r, kib)
		if r.name == "creel" {
			info, err := os.Stat(creel)
			if err != nil {
				return err
			}
			b.results.addMemory("binary-size", r, uint64(info.Size()+999)/1000)
		}
	}
	progress("")
	return nil
}
