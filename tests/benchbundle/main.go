// Benchbundle compares `creel-bundle unpack` with umoci and with tar, which unpack the same layers of a Debian image: in turns,
// each into an empty directory of the same file system. It prints medians and what they are of each other's.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	bundle := flag.String("bundle", "bin/creel-bundle", "the program")
	work := flag.String("work", "build/bench-bundle", "directory for the image and what is unpacked")
	rounds := flag.Int("n", 10, "how often each is done")
	flag.Parse()
	if err := bench(*bundle, *work, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "benchbundle:", err)
		os.Exit(1)
	}
}

// contender unpacks into a directory that is not there.
type contender struct {
	name  string
	run   func(dir string) error
	times []time.Duration
}

func bench(bundle, work string, rounds int) error {
	work, err := filepath.Abs(work)
	if err != nil {
		return err
	}
	img, err := prepare(work)
	if err != nil {
		return err
	}
	contenders := []*contender{
		{name: "creel-bundle unpack", run: func(dir string) error {
			return command(bundle, "unpack", "-q", "--store", filepath.Join(work, "store"), "oci:"+img.layout, dir)
		}},
		{name: "umoci unpack", run: func(dir string) error {
			return command("umoci", "unpack", "--image", img.layout+":debian", dir)
		}},
		{name: "tar -xz, one after another", run: func(dir string) error {
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
			for _, l := range img.layers {
				if err := command("tar", "--numeric-owner", "-C", dir, "-xzpf", l); err != nil {
					return err
				}
			}
			return nil
		}},
	}
	dir := filepath.Join(work, "unpacked")
	for range rounds {
		for _, c := range contenders {
			if err := c.once(dir); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	first := contenders[0].median()
	fmt.Printf("%d layers, %d MB packed, %d MB unpacked; medians of %d\n", len(img.layers), img.packed>>20, img.plain>>20, rounds)
	for _, c := range contenders {
		fmt.Printf("%-28s %6.2f s  creel is %.2f of it\n", c.name, c.median().Seconds(), first.Seconds()/c.median().Seconds())
	}
	return nil
}

// once measures one unpacking, and removes what it made. What was written before is on the disk when it starts.
func (c *contender) once(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	unix.Sync()
	started := time.Now()
	err := c.run(dir)
	c.times = append(c.times, time.Since(started))
	if e := os.RemoveAll(dir); err == nil {
		err = e
	}
	return err
}

func (c *contender) median() time.Duration {
	slices.Sort(c.times)
	return c.times[len(c.times)/2]
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
