package memfile

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func path(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// unchangeable fails the test if somebody can write to the file.
func unchangeable(t *testing.T, fd int, want string) {
	t.Helper()
	if _, err := unix.Pwrite(fd, []byte("x"), 0); err == nil {
		t.Error("written")
	}
	if w, err := os.OpenFile(path(fd), os.O_WRONLY, 0); err == nil {
		if _, err = w.Write([]byte("x")); err == nil {
			t.Error("written through /proc")
		}
		w.Close()
	}
	if text, err := os.ReadFile(path(fd)); err != nil || string(text) != want {
		t.Errorf("%d bytes, %v, want %d", len(text), err, len(want))
	}
}

// Neither in a memory file nor, where memory files may not be executed, on the private tmpfs (CVE-2019-5736).
func TestAProgramRunsAndCannotBeChanged(t *testing.T) {
	code, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(string, []byte) (int, error){"memory file": Program, "private tmpfs": onTmpfs} {
		t.Run(name, func(t *testing.T) {
			fd, err := make("sh", code)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			unchangeable(t, fd, string(code))
			if out, err := exec.Command(path(fd), "-c", "echo ran").Output(); err != nil || string(out) != "ran\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

func TestSealedDataCannotBeChangedOrExecuted(t *testing.T) {
	fd, err := Sealed("data", []byte("#!/bin/sh\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	unchangeable(t, fd, "#!/bin/sh\n")
	if err := exec.Command(path(fd)).Run(); !errors.Is(err, unix.EACCES) {
		t.Errorf("executed: %v", err)
	}
}

func TestANewFileIsReadFromItsBeginningAndCanBeWritten(t *testing.T) {
	fd, err := New("data", []byte("abc"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var b [8]byte
	if n, err := unix.Read(fd, b[:]); err != nil || string(b[:n]) != "abc" {
		t.Errorf("%q, %v", b[:n], err)
	}
	if err := WriteAll(fd, []byte("def")); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path(fd)); err != nil || string(text) != "abcdef" {
		t.Errorf("%q, %v", text, err)
	}
}
