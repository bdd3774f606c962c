package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// initMemory measures the memory of a created container's waiting init: its
// proportional share of every page that it maps (smaps_rollup), and its page tables.
func initMemory(b *bench, r *runtime, n int) error {
	for range min(n, 3) {
		id := r.id()
		if _, err := b.v2.run(r.command("create", "--bundle", b.bundle(r, "pause").dir, "--pid-file", b.pidFile(id), id)...); err != nil {
			return err
		}
		pid, err := b.pid(id)
		if err != nil {
			return err
		}
		pss, err := field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
		if err != nil {
			return err
		}
		tables, err := field(fmt.Sprintf("/proc/%d/status", pid), "VmPTE:")
		if err != nil {
			return err
		}
		b.results.addMemory("created-init", r, pss+tables)
		if _, err := b.v2.run(r.command("delete", "--force", id)...); err != nil {
			return err
		}
	}
	return nil
}

// field reads a line "Name:  123 kB" of a proc file.
func field(path, name string) (kib uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			_, err := fmt.Sscanf(rest, "%d", &kib)
			return kib, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", path, name)
}

// smallestLimit finds the smallest memory limit, in steps of 64 KiB, under which
// `run /bin/true` works three times in a row on the machine's own cgroups.
func (b *bench) smallestLimit(r *runtime) (kib uint64, err error) {
	const step = 64
	works := func(steps int) (bool, error) {
		v := variant{name: "limited-" + r.name, command: "/bin/true", hostCgroup: true, memory: int64(steps) * step << 10}
		bundle, err := v.write(filepath.Join(b.dir, "bundles"), filepath.Join(b.dir, "rootfs"))
		if err != nil {
			return false, err
		}
		for range 3 {
			if b.ctx.Err() != nil {
				return false, fmt.Errorf("interrupted")
			}
			id := r.id()
			if _, err := b.v1.run(r.run(bundle, id)...); err != nil {
				// What the failed run left; a runtime that left nothing says so, which is fine.
				_, _ = b.v1.run(r.command("delete", "--force", id)...)
				return false, nil
			}
		}
		return true, nil
	}
	low, high := 0, 1024 // in steps: fails at low, works at high (64 MiB)
	if ok, err := works(high); err != nil || !ok {
		return 0, err // it does not run on these cgroups at all
	}
	for high-low > 1 {
		middle := (low + high) / 2
		ok, err := works(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return uint64(high) * step, nil
}
