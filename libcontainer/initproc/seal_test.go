//go:build creel_embed

package initproc

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// TestInitCannotBeChangedOnceSealed: neither in a memory file nor, where memory files
// may not be executed, on the private tmpfs (CVE-2019-5736).
func TestInitCannotBeChangedOnceSealed(t *testing.T) {
	code, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func() (int, error){"memory file": executable, "private tmpfs": func() (int, error) { return onTmpfs(code) }}
	for name, make := range ways {
		t.Run(name, func(t *testing.T) {
			fd, err := make()
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			if _, err := unix.Pwrite(fd, []byte("x"), 0); err == nil {
				t.Error("written")
			}
			path := "/proc/self/fd/" + strconv.Itoa(fd)
			if w, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
				if _, err = w.Write([]byte("x")); err == nil {
					t.Error("written through /proc")
				}
				w.Close()
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != string(code) {
				t.Errorf("%d bytes, %v, want the %d of the program", len(text), err, len(code))
			}
			if status := ranWithoutAPlan(t, path); status != 1 {
				t.Errorf("init ended with status %d, want 1", status)
			}
		})
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
