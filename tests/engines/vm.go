package engines

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

// MainInVM runs a package's tests of an engine that is a service of systemd, in the VM (tests/vm), after prepare. It
// returns the exit status for TestMain.
func MainInVM(m interface{ Run() int }, prepare func() error) int {
	return harness.MainInVM(vm{m, prepare})
}

type vm struct {
	tests   interface{ Run() int }
	prepare func() error
}

func (v vm) Run() int {
	dir = os.Getenv("TMPDIR")
	if err := v.prepare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return v.tests.Run()
}

// Install puts the runtime under test and copies of files, which are named by where they go, where the documentation
// has them.
func Install(files map[string]string) error {
	from := map[string]string{"/usr/local/bin/creel": Runtime()}
	for to, file := range files {
		from[to] = file
	}
	for to, file := range from {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, text, 0o755)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Network gives the VM a way to nowhere: engines ask which of a machine's interfaces leads out.
func Network() error {
	out, err := exec.Command("sh", "-c", "ip link add out type dummy && ip addr add 192.0.2.1/24 dev out && ip link set out up && ip route add default via 192.0.2.254").CombinedOutput()
	if err != nil {
		return fmt.Errorf("a network: %w: %s", err, out)
	}
	return nil
}

// Expect fails the test unless a text is this one.
func Expect(h *harness.H, got, want string) {
	h.Helper()
	if got != want {
		h.Errorf("got  %q\nwant %q", got, want)
	}
}

// CgroupFiles fails the test unless files of a cgroup hold this.
func CgroupFiles(h *harness.H, cgroup string, want map[string]string) {
	h.Helper()
	for name, value := range want {
		if got := h.CgroupFile("", cgroup, name); got != value {
			h.Errorf("%s of %s is %q, want %q", name, cgroup, got, value)
		}
	}
}

// Properties are those of a unit as systemd knows them, a line "Name=value" each, in the order of their names.
func Properties(h *harness.H, unit string, names ...string) string {
	h.Helper()
	return strings.TrimSpace(h.Host("systemctl show --property=" + strings.Join(names, ",") + " " + unit + " | sort"))
}

// Gone fails the test unless neither the kernel nor systemd knows a container's scope any more.
func Gone(h *harness.H, cgroup string) {
	h.Helper()
	h.Eventually(cgroup+" is gone", func() bool {
		_, err := os.Stat(filepath.Join("/sys/fs/cgroup", cgroup))
		return errors.Is(err, os.ErrNotExist) && Properties(h, filepath.Base(cgroup), "LoadState") == "LoadState=not-found"
	})
}
