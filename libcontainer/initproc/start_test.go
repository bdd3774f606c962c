//go:build creel_embed

package initproc

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/creel-project/creel/internal/memfile"
	"golang.org/x/sys/unix"
)

func TestInitFailsWhenItsSocketBringsNoPlan(t *testing.T) {
	code, err := program()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := memfile.Program("creel-init", code)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if status := ranWithoutAPlan(t, "/proc/self/fd/"+strconv.Itoa(fd)); status != 1 {
		t.Errorf("init ended with status %d, want 1", status)
	}
}

// ranWithoutAPlan executes init, whose socket ends before it has brought a plan.
func ranWithoutAPlan(t *testing.T, path string) int {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(pair[0])
	sock := os.NewFile(uintptr(pair[1]), "init's end")
	defer sock.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd := exec.Command(path, "3", "0") // its socket; no namespaces of its own
	cmd.ExtraFiles = []*os.File{sock, null}
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}
