package main

import (
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// A bench is a case: what one call does, and how many of them are a runtime's turn.
type bench struct {
	name, title string
	block       int
	// atOnce is how many containers one call makes, 1 where nothing is said.
	atOnce int
	call   func(p program) error
}

func allCases() []bench {
	return []bench{
		{name: "docker-run", title: "`docker run --rm … true`", block: 5, call: dockerRun},
		{name: "docker-20", title: "20 of them at once", block: 1, atOnce: 20, call: func(p program) error {
			return together(20, func() error { return dockerRun(p) })
		}},
		{name: "ctr-run", title: "`ctr run --rm … true`", block: 5, call: ctrRun},
		{name: "cri-exec", title: "CRI: exec probe `true`", block: 50, call: probe},
	}
}

func dockerRun(p program) error {
	return docker.Do("run", "--rm", "--runtime", p.name, imageName, "true")
}

func ctrRun(p program) error {
	id := fmt.Sprintf("c%d", time.Now().UnixNano())
	return command("ctr", "run", "--rm", "--runc-binary", p.path, "--cgroup", cgroups+"/"+id, imageName, id, "true")
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %q: %w: %s", name, args, err, out)
	}
	return nil
}

// together calls f n times at once, and returns the first error.
func together(n int, f func() error) (first error) {
	var wait sync.WaitGroup
	var once sync.Once
	for range n {
		wait.Go(func() {
			if err := f(); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	wait.Wait()
	return first
}

// measure takes a case with all runtimes in turn. The first call of each is not measured.
func measure(o *options, b bench) (result, error) {
	r := result{Name: b.name, Title: b.title, atOnce: max(1, b.atOnce), Runtimes: make([]figures, len(o.runtimes))}
	for i, p := range o.runtimes {
		r.Runtimes[i].Name = p.name
		if err := b.call(p); err != nil {
			return r, err
		}
	}
	for range o.rounds {
		for i, p := range o.runtimes {
			if err := turn(&r.Runtimes[i], b, p); err != nil {
				return r, err
			}
		}
	}
	r.sum(o.rounds * b.block * r.atOnce)
	return r, nil
}

// turn is a block of calls of one runtime.
func turn(f *figures, b bench, p program) error {
	w, err := newWatch()
	if err != nil {
		return err
	}
	for range b.block {
		begun := time.Now()
		if err := b.call(p); err != nil {
			return err
		}
		f.walls = append(f.walls, time.Since(begun))
	}
	spent, err := w.spent()
	f.cpu += spent
	return err
}
