package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A bench is one run of the benchmark.
type bench struct {
	ctx      context.Context
	dir      string
	runtimes []*runtime
	v2, v1   *meter // where /sys/fs/cgroup is cgroup v2, and where it is the machine's
	bundles  map[string]bundle
	rounds   int           // how often every runtime has its turn
	block    int           // how many calls a turn has
	idle     time.Duration // the pause before a call "after an idle pause"
	results  results
}

// settle is the pause between two turns: the kernel still takes the last
// runtime's network namespaces down for a while.
const settle = 200 * time.Millisecond

// newBench starts the meters and writes the bundles.
func newBench(ctx context.Context, dir string) (*bench, error) {
	b := &bench{ctx: ctx, dir: dir, bundles: map[string]bundle{}, results: results{}}
	program := filepath.Join(dir, "c", "meter")
	var err error
	if b.v2, err = newMeter(program, filepath.Join(dir, "v2.log"), cgroup2()...); err != nil {
		return nil, err
	}
	if b.v1, err = newMeter(program, filepath.Join(dir, "v1.log")); err != nil {
		return nil, err
	}
	for _, v := range []variant{
		{name: "true", command: "/bin/true"},
		{name: "true-hostcgroup", command: "/bin/true", hostCgroup: true},
		{name: "true-docker", command: "/bin/true", docker: true},
		{name: "pause", command: "/bin/pause"},
		{name: "pause-docker", command: "/bin/pause", docker: true},
		{name: "pause-hostcgroup", command: "/bin/pause", hostCgroup: true},
	} {
		for _, v.noDevices = range []bool{false, true} {
			if b.bundles[v.key()], err = v.write(filepath.Join(dir, "bundles"), filepath.Join(dir, "rootfs")); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// bundle is the bundle of a variant for one runtime.
func (b *bench) bundle(r *runtime, name string) bundle {
	return b.bundles[variant{name: name, noDevices: r.noDevices}.key()]
}

// probe finds the runtimes that cannot load a device filter here: some raise
// RLIMIT_MEMLOCK for it, which older kernels wanted and a machine may refuse.
func (b *bench) probe() error {
	for _, r := range b.runtimes {
		if !r.oci {
			continue
		}
		_, err := b.v2.run(r.run(b.bundle(r, "true"), r.id())...)
		if err == nil {
			continue
		}
		r.noDevices = true
		if _, again := b.v2.run(r.run(b.bundle(r, "true"), r.id())...); again != nil {
			return err
		}
	}
	return nil
}

// close ends the meters and removes every container that is left.
func (b *bench) close() {
	b.v2.close()
	b.v1.close()
	sweep()
}

// A case is one thing that is measured. turn makes n calls of one runtime and
// adds their results; with oci set, the floor does not take part.
type benchCase struct {
	name  string
	oci   bool
	idle  bool // each call waits, so a turn has fewer
	scale int  // rounds are divided by it, 0 and 1 mean all
	turn  func(b *bench, r *runtime, n int) error
}

// run gives each runtime its turns, one after the other, round by round.
func (b *bench) run(c benchCase) error {
	rounds, block := b.rounds, b.block
	if c.scale > 1 {
		rounds = max(1, rounds/c.scale)
	}
	if c.idle {
		block = max(2, block/3)
	}
	for round := range rounds {
		for _, r := range b.runtimes {
			if c.oci && !r.oci || r.name == bareFloor && c.name != "run" && c.name != "run-idle" {
				continue
			}
			time.Sleep(settle)
			if err := b.ctx.Err(); err != nil {
				return fmt.Errorf("interrupted")
			}
			progress("%s: round %d of %d, %s", c.name, round+1, rounds, r.name)
			if err := c.turn(b, r, block); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	progress("")
	return nil
}

// progress shows on a terminal what is being measured.
func progress(format string, args ...any) {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
