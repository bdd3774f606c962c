package spawn

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// both runs a test with clone3(2) and with what takes its place.
func both(t *testing.T, run func(*testing.T, func(Child) (int, int, error))) {
	own(t, run)
	t.Run("fork", func(t *testing.T) { run(t, fork) })
}

// own runs a test with both of this package's ways.
func own(t *testing.T, run func(*testing.T, func(Child) (int, int, error))) {
	t.Run("clone3", func(t *testing.T) { run(t, func(c Child) (int, int, error) { return start(c, false) }) })
	t.Run("clone", func(t *testing.T) { run(t, func(c Child) (int, int, error) { return start(c, true) }) })
}

// said stands for the write end of a pipe among a child's files.
const said = ^uintptr(0)

// output runs c and returns what it wrote to said, and its status.
func output(t *testing.T, begin func(Child) (int, int, error), c Child) (string, int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range c.Files {
		if c.Files[i] == said {
			c.Files[i] = w.Fd()
		}
	}
	pid, pidfd, err := begin(c)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pidfd)
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.PidfdSendSignal(pidfd, 0, nil, 0); err != nil {
		t.Errorf("the pidfd is not the child's: %v", err)
	}
	var ws unix.WaitStatus
	if got, err := unix.Wait4(pid, &ws, 0, nil); err != nil || got != pid {
		t.Fatalf("wait: %d, %v", got, err)
	}
	return string(text), ws.ExitStatus()
}

func sh(script string) Child {
	return Child{
		Path: "/bin/sh", Argv: []string{"sh", "-c", script}, Cgroup: -1,
		Env: []string{"PATH=/usr/bin:/bin"}, Files: []uintptr{0, said, 2},
	}
}

func file(t *testing.T, text string) uintptr {
	t.Helper()
	fd, err := unix.MemfdCreate("creel-test", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if _, err := unix.Pwrite(fd, []byte(text), 0); err != nil {
		t.Fatal(err)
	}
	return uintptr(fd)
}

func TestTheProgramHasExactlyTheFilesInTheirOrder(t *testing.T) {
	both(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		a, b, c := file(t, "a"), file(t, "b"), file(t, "c")
		// Every place is held by a file that another place gets.
		files := make([]uintptr, c+1)
		for i := range files {
			files[i] = a
		}
		files[1], files[2] = said, 2
		files[a], files[b], files[c] = b, c, a
		x := sh(fmt.Sprintf("cat /proc/self/fd/%d /proc/self/fd/%d /proc/self/fd/%d /proc/self/fd/0; ls -l /proc/self/fd | grep -c creel-test", a, b, c))
		x.Files = files
		got, status := output(t, begin, x)
		// All but 1 and 2, and no copy that was made on the way.
		if want := fmt.Sprintf("bcaa%d\n", len(files)-2); got != want || status != 0 {
			t.Errorf("got %q with status %d, not %q", got, status, want)
		}
	})
}

func TestTheProgramHasItsEnvironmentItsDirectoryAndItsGroup(t *testing.T) {
	both(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		x := sh(`pwd; echo $WORD; cut -d " " -f 1,5 /proc/$$/stat`)
		x.Dir, x.Group = "/proc", true
		x.Env = []string{"WORD=said", "PATH=/usr/bin:/bin"}
		got, _ := output(t, begin, x)
		dir, rest, _ := strings.Cut(got, "\n")
		word, ids, _ := strings.Cut(rest, "\n")
		pid, group, _ := strings.Cut(strings.TrimSpace(ids), " ")
		if dir != "/proc" || word != "said" || pid == "" || pid != group {
			t.Errorf("got %q", got)
		}
	})
}

func TestTheProgramIsTheFirstProcessOfANewNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	both(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		x := sh("echo $$")
		x.Cloneflags = unix.CLONE_NEWPID
		if got, _ := output(t, begin, x); got != "1\n" {
			t.Errorf("its pid is %q", got)
		}
	})
}

func TestTheProgramStartsInAnothersPidNamespaceAndTheCallerStaysInItsOwn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	own(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		first := sh("exec sleep 1000")
		first.Cloneflags, first.Files = unix.CLONE_NEWPID, []uintptr{0, 1, 2}
		pid, pidfd, err := begin(first)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0)
			unix.Close(pidfd)
			unix.Wait4(pid, nil, 0, nil)
		})
		for range 5 {
			x := sh("echo $(($$ > 1)) $PPID")
			x.PidSpace = pidfd
			if got, _ := output(t, begin, x); got != "1 0\n" {
				t.Errorf("got %q", got)
			}
		}
		if got, _ := output(t, begin, sh("echo $PPID")); got != fmt.Sprintln(os.Getpid()) {
			t.Errorf("the caller's own children have the parent %q", got)
		}
		x := sh("true")
		x.PidSpace = int(file(t, ""))
		if _, _, err := begin(x); !errors.Is(err, unix.EINVAL) {
			t.Errorf("in the pid namespace of a plain file: %v", err)
		}
	})
}

func TestNoHandlerAndNoBlockedSignalOfTheCallersIsLeft(t *testing.T) {
	both(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		got, _ := output(t, begin, sh("exec cat /proc/self/status"))
		for _, line := range []string{"SigBlk:\t0000000000000000\n", "SigCgt:\t0000000000000000\n"} {
			if !strings.Contains(got, line) {
				t.Errorf("no line %q in:\n%s", line, got)
			}
		}
	})
}

func TestAFailingStepIsToldAndLeavesNoChild(t *testing.T) {
	both(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		plain := t.TempDir() + "/plain"
		if err := os.WriteFile(plain, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			child Child
			want  error
		}{
			{Child{Path: "/no/such/program", Argv: []string{"x"}, Cgroup: -1}, unix.ENOENT},
			{Child{Path: plain, Argv: []string{"x"}, Cgroup: -1}, unix.EACCES},
			{Child{Path: "/bin/sh", Argv: []string{"x"}, Dir: "/no/such/directory", Cgroup: -1}, unix.ENOENT},
			{Child{Path: "/bin/sh", Argv: []string{"x"}, Files: []uintptr{9999}, Cgroup: -1}, unix.EBADF},
			{Child{Path: "/bin/sh", Argv: []string{"x\x00y"}, Cgroup: -1}, unix.EINVAL},
			{Child{Path: "/bin/sh", Argv: []string{"x"}, Cgroup: 9999}, unix.EBADF},
		} {
			if _, _, err := begin(c.child); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v", c.child, err)
			}
		}
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
			t.Errorf("a child is left: %d, %v", pid, err)
		}
	})
}

func TestADirectoryOrACgroupThatCannotBeEnteredIsNamed(t *testing.T) {
	own(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		c := sh("true")
		c.Dir = "/no/such/directory"
		if _, _, err := begin(c); err == nil || err.Error() != "change to directory /no/such/directory: no such file or directory" {
			t.Errorf("got %v", err)
		}
	})
	dir := t.TempDir() // no cgroup, and what is written to it is refused
	if err := os.Symlink("/dev/full", dir+"/cgroup.procs"); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	c := sh("true")
	c.Cgroup = fd
	if _, _, err := start(c, true); err == nil || err.Error() != "open the cgroup.procs of its cgroup: too many levels of symbolic links" {
		t.Errorf("got %v", err)
	}
}

// What clone3(2) does by itself, the child does: it is in its cgroup before it executes anything.
func TestWithoutClone3TheProgramEntersItsCgroup(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/cgroup.procs", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	c := sh("cat " + dir + "/cgroup.procs; ls -l /proc/self/fd | grep -c procs")
	c.Cgroup = fd
	got, _ := output(t, func(c Child) (int, int, error) { return start(c, true) }, c)
	if got != "00\n" {
		t.Errorf("got %q", got)
	}
}

func TestWithoutClone3TheCallersSignalsStayAsTheyWere(t *testing.T) {
	var was, is unix.Sigset_t
	mask := func(set *unix.Sigset_t) {
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, set); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mask(&was)
	for _, path := range []string{"/bin/true", "/no/such/program"} {
		if pid, pidfd, err := start(Child{Path: path, Argv: []string{"x"}, Cgroup: -1}, true); err == nil {
			unix.Close(pidfd)
			unix.Wait4(pid, nil, 0, nil)
		}
	}
	mask(&is)
	if was != is {
		t.Errorf("the caller's thread blocks %v, and blocked %v before", is, was)
	}
}

func TestManyChildrenAtOnceAreAllTheirOwn(t *testing.T) {
	own(t, func(t *testing.T, begin func(Child) (int, int, error)) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for k := range 20 {
					x := sh("echo $0 $1")
					x.Argv = append(x.Argv, fmt.Sprint(i), fmt.Sprint(k))
					if got, _ := output(t, begin, x); got != fmt.Sprintf("%d %d\n", i, k) {
						t.Errorf("%d %d: got %q", i, k, got)
					}
				}
			})
		}
	})
}
