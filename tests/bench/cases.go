package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creel-project/creel/internal/procstat"
)

// cases are what is measured, in the order of the table.
var cases = []benchCase{
	{name: "run", turn: runs("run", "true")},
	{name: "run-hostcgroup", turn: runs("run-hostcgroup", "true-hostcgroup")},
	{name: "run-docker", oci: true, turn: runs("run-docker", "true-docker")},
	{name: "run-docker-uncached", oci: true, turn: uncached},
	{name: "lifecycle", oci: true, turn: lifecycle},
	{name: "create-hostcgroup", oci: true, turn: creates("create-hostcgroup", "pause-hostcgroup", false)},
	{name: "exec", oci: true, turn: execs("exec", "pause", false)},
	{name: "exec-docker", oci: true, turn: execs("exec-docker", "pause-docker", false)},
	{name: "exec-idle", oci: true, idle: true, turn: execs("exec-idle", "pause", true)},
	{name: "list", oci: true, scale: 5, turn: lists},
	{name: "run-idle", idle: true, turn: idleRuns("run-idle", "true")},
	{name: "run-idle-hostcgroup", idle: true, turn: idleRuns("run-idle-hostcgroup", "true-hostcgroup")},
	{name: "create-idle", oci: true, idle: true, turn: creates("create-idle", "pause", true)},
	{name: "create-idle-hostcgroup", oci: true, idle: true, turn: creates("create-idle-hostcgroup", "pause-hostcgroup", true)},
	{name: "100-at-once", turn: wide("100-at-once", 100, 100)},
	{name: "60-by-16", turn: wide("60-by-16", 60, 16)},
	{name: "memory", oci: true, scale: 5, turn: initMemory},
}

// runs measures `run`, back to back, after one call that warms the caches.
func runs(name, bundle string) func(*bench, *runtime, int) error {
	return func(b *bench, r *runtime, n int) error {
		for i := range n + 1 {
			s, err := b.v2.run(r.run(b.bundle(r, bundle), r.id())...)
			if err != nil {
				return err
			}
			if i > 0 {
				b.results.add(name, r, s.wall)
				b.results.addMemory(name, r, s.maxRSS)
			}
		}
		return nil
	}
}

// idleRuns measures `run` on a machine that has nothing else to do.
func idleRuns(name, bundle string) func(*bench, *runtime, int) error {
	return func(b *bench, r *runtime, n int) error {
		for range n {
			time.Sleep(b.idle)
			s, err := b.v2.run(r.run(b.bundle(r, bundle), r.id())...)
			if err != nil {
				return err
			}
			b.results.add(name, r, s.wall)
		}
		return nil
	}
}

// uncached measures `run` with a filter that no cache holds.
func uncached(b *bench, r *runtime, n int) error {
	for range n {
		if err := r.dropCache(); err != nil {
			return err
		}
		s, err := b.v2.run(r.run(b.bundle(r, "true-docker"), r.id())...)
		if err != nil {
			return err
		}
		b.results.add("run-docker-uncached", r, s.wall)
	}
	return nil
}

// lifecycle measures create, state, start, kill and delete of n containers, one command after the other.
func lifecycle(b *bench, r *runtime, n int) error {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = r.id()
	}
	step := func(name string, argv func(id string) []string) error {
		for _, id := range ids {
			s, err := b.v2.run(argv(id)...)
			if err != nil {
				return err
			}
			b.results.add(name, r, s.wall)
		}
		return nil
	}
	simple := func(command string, after ...string) func(string) []string {
		return func(id string) []string { return r.command(command, append([]string{id}, after...)...) }
	}
	create := func(id string) []string {
		return r.command("create", "--bundle", b.bundle(r, "pause").dir, "--pid-file", b.pidFile(id), id)
	}
	for _, c := range []struct {
		name string
		argv func(string) []string
	}{
		{"create", create}, {"state", simple("state")}, {"start", simple("start")},
		{"kill", simple("kill", "KILL")}, {"delete", simple("delete")},
	} {
		if c.name == "delete" {
			for _, id := range ids {
				if err := b.waitForDeath(id); err != nil {
					return err
				}
			}
		}
		if err := step(c.name, c.argv); err != nil {
			return err
		}
	}
	return nil
}

// creates measures `create` alone, with or without an idle pause before it. The
// containers are deleted together afterwards: the end of one would slow the next.
func creates(name, bundle string, idle bool) func(*bench, *runtime, int) error {
	return func(b *bench, r *runtime, n int) error {
		ids := make([]string, n)
		for i := range ids {
			if idle {
				time.Sleep(b.idle)
			}
			ids[i] = r.id()
			s, err := b.v2.run(r.command("create", "--bundle", b.bundle(r, bundle).dir, ids[i])...)
			if err != nil {
				return err
			}
			b.results.add(name, r, s.wall)
		}
		for _, id := range ids {
			if _, err := b.v2.run(r.command("delete", "--force", id)...); err != nil {
				return err
			}
		}
		return nil
	}
}

// lists measures `list` with 100 containers.
func lists(b *bench, r *runtime, n int) error {
	const count = 100
	name := prefix + "list-" + r.name + "-@"
	if _, err := b.v2.parallel(count, 2, r.command("create", "--bundle", b.bundle(r, "pause").dir, name)...); err != nil {
		return err
	}
	for i := range n + 1 {
		s, err := b.v2.run(r.command("list")...)
		if err != nil {
			return err
		}
		out, err := b.v2.output()
		if err != nil {
			return err
		}
		if found := strings.Count(out, prefix+"list-"); found != count {
			return fmt.Errorf("%s list shows %d of %d containers", r.name, found, count)
		}
		if i > 0 {
			b.results.add("list", r, s.wall)
		}
	}
	_, err := b.v2.parallel(count, 2, r.command("delete", "--force", name)...)
	return err
}

// wide measures many runs at the same time, from the first start to the last end.
func wide(name string, count, width int) func(*bench, *runtime, int) error {
	return func(b *bench, r *runtime, n int) error {
		// A turn is one call here: what is many times heavier needs no block.
		s, err := b.v2.parallel(count, width, r.run(b.bundle(r, "true"), r.id()+"-@")...)
		if err != nil {
			return err
		}
		b.results.add(name, r, s.wall)
		return nil
	}
}

func (b *bench) pidFile(id string) string { return filepath.Join(b.dir, id+".pid") }

// pid reads the pid file of a container.
func (b *bench) pid(id string) (int, error) {
	text, err := os.ReadFile(b.pidFile(id))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// waitForDeath waits until a killed container's process is gone or a zombie.
func (b *bench) waitForDeath(id string) error {
	pid, err := b.pid(id)
	if err != nil {
		return err
	}
	for range 500 {
		if stat, err := procstat.Read(pid); err != nil || stat.Ended() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	return fmt.Errorf("%s: process %d did not die of kill", id, pid)
}
