package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// A World is what tests find around them, beside mount and pid namespaces of their own.
type World struct {
	// Network is for a network namespace of their own as well, with its loopback up.
	Network bool
	// Shared makes all mounts propagate, as they do on a host with systemd.
	Shared bool
	// Tmpfs are directories of the machine for which they get an empty one.
	Tmpfs []string
	// Overlays are directories of the machine in which nothing that they change is there afterwards.
	Overlays []string
	// Over is a directory with files of another machine, unless it is "": its /usr lies over that of this one, and what it
	// has of Overlays as well.
	Over string
	// Needs are programs that must be there, with the packages that have them.
	Needs map[string]string
	// Prepare is called before the tests, with the directory for all that they make, and End after them.
	Prepare func(dir string) error
	End     func() error
}

// make starts the test binary again as the first process of new mount and
// pid namespaces, and takes away what it may have left in the cgroup trees.
func (w *World) make() (int, error) {
	dir, err := os.MkdirTemp("", "creel-test-")
	if err != nil {
		return 1, err
	}
	defer os.Remove(dir)
	// the world is to end with the thread that made it (prctl(2), PR_SET_PDEATHSIG)
	runtime.LockOSThread()
	cmd := again(private+"="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
	}
	if w.Network {
		cmd.SysProcAttr.Unshareflags |= syscall.CLONE_NEWNET
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	// Whoever ends the tests early, as `go test` does after a while, ends all of it.
	early := make(chan os.Signal, 1)
	signal.Notify(early, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		<-early
		_ = cmd.Process.Kill()
	}()
	status, err := wait(cmd)
	removeCgroups(filepath.Base(dir))
	return status, err
}

// supervise is the first process: it runs the tests, and is the parent of
// all that is orphaned.
func (w *World) supervise() (int, error) {
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return 1, fmt.Errorf("mount /proc: %w", err)
	}
	if err := syscall.Mount("tmpfs", os.Getenv(private), "tmpfs", 0, "mode=755"); err != nil {
		return 1, fmt.Errorf("mount a tmpfs on %s: %w", os.Getenv(private), err)
	}
	if err := w.furnish(os.Getenv(private)); err != nil {
		return 1, err
	}
	cmd := again()
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return 1, fmt.Errorf("wait for the tests: %w", err)
		}
		if pid == cmd.Process.Pid {
			return exitStatus(ws), nil
		}
	}
}

// again is the running command once more, with more in its environment.
func again(env ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

func wait(cmd *exec.Cmd) (int, error) {
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 1, err
	}
	return exitStatus(cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// removeCgroups removes the cgroups of tests that were cut short. Their
// processes ended with the pid namespace.
func removeCgroups(prefix string) {
	var found []string
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(path, "/"+prefix) {
			found = append(found, path)
		}
		return nil // a cgroup that went away while we looked
	})
	for _, path := range slices.Backward(found) {
		_ = os.Remove(path)
	}
}
