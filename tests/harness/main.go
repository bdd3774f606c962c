package harness

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// private is set in the environment of a test binary in its own world; its value
// is the directory that holds everything the tests make.
const private = "CREEL_TEST_PRIVATE"

// Main runs a package's tests in a world of their own, a mount and a pid namespace
// with a tmpfs for all that they make: whatever happens to them, no mount, process
// or file stays, and nobody else's are taken for theirs. It returns the exit status
// for TestMain. Where the tests cannot run, that is a failure in continuous
// integration (CI=true) and said so elsewhere.
func Main(m interface{ Run() int }) int { return MainIn(m, World{}) }

// MainIn is Main in a world that has more.
func MainIn(m interface{ Run() int }, w World) int {
	err := possible()
	if w.Over != "" && err == nil {
		_, err = os.Stat(filepath.Join(w.Over, "usr"))
	}
	for program, pkg := range w.Needs {
		if _, missing := exec.LookPath(program); err == nil && missing != nil {
			err = fmt.Errorf("package %s: %w", pkg, missing)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests cannot run:", err)
		if os.Getenv("CI") == "true" {
			return 1
		}
		return 0
	}
	dir := os.Getenv(private)
	status := 1
	switch {
	case dir == "":
		status, err = w.make()
	case os.Getpid() == 1:
		status, err = w.supervise()
	default:
		status, err = w.run(m, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the tests' own world:", err)
	}
	return status
}

// run runs the tests between the world's beginning and its end.
func (w *World) run(m interface{ Run() int }, dir string) (int, error) {
	err := prepare(dir)
	if err == nil && w.Prepare != nil {
		err = w.Prepare(dir)
	}
	status := 1
	if err == nil {
		fmt.Printf("view: %s\n", View())
		status = m.Run()
	}
	if w.End != nil {
		err = errors.Join(err, w.End())
	}
	if err != nil {
		status = 1
	}
	return status, err
}

// MainInVM runs a package's tests on the machine itself, which must be the VM of
// tests/vm: systemd knows processes and files only as the machine has them.
func MainInVM(m interface{ Run() int }) int {
	if os.Getenv("CREEL_VM") == "" {
		fmt.Fprintln(os.Stderr, "these tests run in a virtual machine: make test-vm")
		return 0
	}
	err := possible()
	var dir string
	if err == nil {
		dir, err = os.MkdirTemp("", "creel-test-")
	}
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err == nil {
		err = prepare(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests cannot run:", err)
		return 1
	}
	status := m.Run()
	removeCgroups(filepath.Base(dir))
	return status
}

func possible() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("they need root, and this is user %d", os.Geteuid())
	}
	if _, err := exec.LookPath("busybox"); err != nil {
		return fmt.Errorf("package busybox-static: %w", err)
	}
	_, err := findCreel()
	return err
}

// prepare fills the private directory.
func prepare(dir string) (err error) {
	if creel, err = findCreel(); err != nil {
		return err
	}
	prefix = filepath.Base(dir)
	shared = filepath.Join(dir, "rootfs")
	return MakeRootfs(shared)
}

// creel is the absolute path of the program under test, shared that of the root
// filesystem which tests share, prefix how the name of every container begins.
var creel, shared, prefix string

// Program returns the absolute path of the creel under test.
func Program() string { return creel }

// Prefix is how the name of everything that these tests make in the machine's cgroups is to begin.
func Prefix() string { return prefix }

// findCreel is the program in CREEL, or the one that make built.
func findCreel() (string, error) {
	path := os.Getenv("CREEL")
	if path == "" {
		path = "../../bin/creel"
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the program under test (make, or CREEL=PATH): %w", err)
	}
	return path, nil
}

// exitStatus is what a shell would say of an ended process.
func exitStatus(ws syscall.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}
