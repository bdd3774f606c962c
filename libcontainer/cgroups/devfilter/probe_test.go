package devfilter

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// probeEnv makes the test binary a process that tries devices: see probe.
const probeEnv = "CREEL_TEST_DEVICE_PROBE"

func TestMain(m *testing.M) {
	if os.Getenv(probeEnv) != "" {
		probe(os.Getenv(probeEnv))
		return
	}
	os.Exit(m.Run())
}

// probe tries each word "type major minor access path" of a list and prints y or n for each.
func probe(list string) {
	for _, try := range strings.Split(list, ",") {
		var (
			typ, access  devrules.Types
			major, minor uint32
			path         string
		)
		fmt.Sscan(try, &typ, &major, &minor, &access, &path)
		if err := attempt(typ, major, minor, devrules.Access(access), path); errors.Is(err, unix.EPERM) {
			fmt.Print("n")
		} else {
			fmt.Print("y")
		}
	}
}

func attempt(typ devrules.Types, major, minor uint32, access devrules.Access, path string) error {
	if access == devrules.Mknod {
		mode := uint32(unix.S_IFCHR | 0o600)
		if typ == devrules.Block {
			mode = unix.S_IFBLK | 0o600
		}
		defer os.Remove(path + ".new")
		return unix.Mknod(path+".new", mode, int(unix.Mkdev(major, minor)))
	}
	flags := map[devrules.Access]int{devrules.Read: unix.O_RDONLY, devrules.Write: unix.O_WRONLY, devrules.Read | devrules.Write: unix.O_RDWR}[access]
	fd, err := unix.Open(path, flags|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// device is one that the machine need not have: without a driver, open answers ENXIO, which the filter precedes.
type device struct {
	typ          devrules.Types
	major, minor uint32
}

var probed = []device{
	{devrules.Char, 1, 3}, {devrules.Char, 1, 5}, {devrules.Char, 1, 7}, {devrules.Char, 1, 11}, {devrules.Char, 1, 35},
	{devrules.Char, 5, 0}, {devrules.Char, 5, 2}, {devrules.Char, 10, 229}, {devrules.Char, 4000, 70000},
	{devrules.Block, 1, 3}, {devrules.Block, 7, 0}, {devrules.Block, 259, 1048575},
}

// checkBehaviour runs a process in the cgroup and compares what it may do with what the policy says.
func checkBehaviour(t *testing.T, cgroup int, l devrules.List) {
	t.Helper()
	dir := t.TempDir()
	var (
		tries []string
		want  strings.Builder
	)
	for i, d := range probed {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := attempt(d.typ, d.major, d.minor, devrules.Mknod, path); err != nil {
			t.Fatalf("mknod: %v", err)
		}
		mode := uint32(unix.S_IFCHR | 0o600)
		if d.typ == devrules.Block {
			mode = unix.S_IFBLK | 0o600
		}
		if err := unix.Mknod(path, mode, int(unix.Mkdev(d.major, d.minor))); err != nil {
			t.Fatalf("mknod %s: %v", path, err)
		}
		for _, access := range []devrules.Access{devrules.Mknod, devrules.Read, devrules.Write, devrules.Read | devrules.Write} {
			tries = append(tries, fmt.Sprint(uint8(d.typ), " ", d.major, " ", d.minor, " ", uint8(access), " ", path))
			verdict := "n"
			if l.Allows(d.typ, int64(d.major), int64(d.minor), access) {
				verdict = "y"
			}
			want.WriteString(verdict)
		}
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{probeEnv + "=" + strings.Join(tries, ",")}
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: cgroup}
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("probe: %v", err)
	}
	for i := range tries {
		if len(got) != len(tries) || got[i] != want.String()[i] {
			t.Errorf("%s: allowed %q, want %q (all: %s)", tries[i], got[i:i+1], want.String()[i], got)
		}
	}
}
