// Package engines lends tests of container engines what they have in common: a world with mounts that propagate and a
// network of its own, the runtime under test, daemons and their logs, and images that are made of busybox.
//
// RUNTIME chooses the runtime: creel, runc, crun, or a path. Without it, it is the creel in CREEL, or the one that
// make built. ENGINE_ROOT is a directory with the programs of engines of another release (hack/newer.sh), which then lie
// over those of the machine.
package engines

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// A World is what an engine needs beside what every engine has: private mounts that propagate, a network with its
// loopback, a pid namespace, and an empty /run.
type World struct {
	// Tmpfs are further directories of the machine for which the tests get an empty one.
	Tmpfs []string
	// Overlays are directories of the machine in which nothing that they change is there afterwards.
	Overlays []string
	// Needs are programs that must be there, with the packages that have them.
	Needs map[string]string
	// Prepare is called before the tests: it starts what all of them use.
	Prepare func() error
}

// Main runs a package's tests of an engine, and ends its daemons. It returns the exit status for TestMain.
// Where the tests cannot run, that is a failure in continuous integration (CI=true) and said so elsewhere.
func Main(m interface{ Run() int }, w World) int {
	if err := chooseRuntime(); err != nil {
		fmt.Fprintln(os.Stderr, "the runtime under test:", err)
		return 1
	}
	over := os.Getenv("ENGINE_ROOT")
	if over != "" && !filepath.IsAbs(over) {
		fmt.Fprintf(os.Stderr, "ENGINE_ROOT: %q is not an absolute path\n", over)
		return 1
	}
	return harness.MainIn(m, harness.World{
		Network:  true,
		Shared:   true,
		Tmpfs:    append([]string{"/run"}, w.Tmpfs...),
		Overlays: w.Overlays,
		Over:     over,
		Needs:    w.Needs,
		Prepare: func(d string) error {
			dir = d
			if err := errors.Join(runtimeFits(), linkRuntime()); err != nil || w.Prepare == nil {
				return err
			}
			return w.Prepare()
		},
		End: stopAll,
	})
}

// dir holds all that the tests make.
var dir string

// Path returns the path of a file in the directory that ends with the tests. It is on a tmpfs.
func Path(elem ...string) string { return filepath.Join(append([]string{dir}, elem...)...) }

// Runtime returns the absolute path of the runtime under test.
func Runtime() string { return harness.Program() }

// chooseRuntime tells package harness which program is under test.
func chooseRuntime() error {
	name := os.Getenv("RUNTIME")
	if name == "" || name == "creel" {
		return nil
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return err
	}
	return os.Setenv("CREEL", path)
}

// linkRuntime makes the runtime under test the first `runc` in PATH, because some engines start that one as well.
func linkRuntime() error {
	bin := Path("bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(Runtime(), filepath.Join(bin, "runc")); err != nil {
		return err
	}
	return os.Setenv("PATH", bin+":"+os.Getenv("PATH"))
}

// runtimeFits says why this machine is not one for the runtime under test.
func runtimeFits() error {
	if filepath.Base(Runtime()) != "crun" {
		return nil
	}
	if !harness.V2() {
		var st unix.Statfs_t
		if unix.Statfs("/sys/fs/cgroup/unified", &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
			return errors.New("crun runs on one version of cgroups only: hack/cgroup1.sh shows v1 alone, hack/cgroup2.sh v2")
		}
		return nil
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return err
	}
	err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
	if err == nil {
		return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit)
	}
	if !Has(Runtime(), "1.28") {
		return fmt.Errorf("crun before 1.28 takes all the locked memory that it can get for its device filters: %w", err)
	}
	return nil
}
