package main

import "time"

// execs measures `exec /bin/true` in a container that runs, back to back after one
// call that warms the caches, or each after an idle pause.
func execs(name, bundle string, idle bool) func(*bench, *runtime, int) error {
	return func(b *bench, r *runtime, n int) error {
		id := r.id()
		for _, argv := range [][]string{
			r.command("create", "--bundle", b.bundle(r, bundle).dir, id), r.command("start", id),
			r.command("exec", id, "/bin/true"),
		} {
			if _, err := b.v2.run(argv...); err != nil {
				return err
			}
		}
		for range n {
			if idle {
				time.Sleep(b.idle)
			}
			s, err := b.v2.run(r.command("exec", id, "/bin/true")...)
			if err != nil {
				return err
			}
			b.results.add(name, r, s.wall)
		}
		_, err := b.v2.run(r.command("delete", "--force", id)...)
		return err
	}
}
