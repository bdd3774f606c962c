package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Result is how a command ended.
type Result struct {
	Program        string
	Args           []string
	Stdout, Stderr string
	Status         int // 128+n after signal n
}

func (r Result) String() string {
	return fmt.Sprintf("%s %s: status %d\nstdout: %s\nstderr: %s", r.Program, strings.Join(r.Args, " "), r.Status, r.Stdout, r.Stderr)
}

// LastLine is the end of stderr, which is all that an engine keeps: of a line of
// the log only the message.
func (r Result) LastLine() string {
	lines := strings.Split(strings.TrimRight(r.Stderr, "\n"), "\n")
	line := lines[len(lines)-1]
	if _, quoted, ok := strings.Cut(line, " msg="); ok {
		if msg, err := strconv.Unquote(quoted); err == nil {
			return msg
		}
	}
	return line
}

// A Process is a command that runs.
type Process struct {
	*exec.Cmd
	h              *H
	stdout, stderr *os.File
}

// limit is how long a command may take before it counts as hanging.
const limit = 60 * time.Second

// Go starts creel with the test's state directory. prepare, unless nil, may change the
// command first. Its streams are files: who inherits them keeps nobody waiting.
func (h *H) Go(prepare func(*exec.Cmd), args ...string) *Process {
	h.Helper()
	return h.GoProgram(prepare, creel, append(append([]string{"--root", h.Root}, h.Global...), args...)...)
}

// GoProgram starts any program in the same way.
func (h *H) GoProgram(prepare func(*exec.Cmd), program string, args ...string) *Process {
	h.Helper()
	p := &Process{Cmd: exec.Command(program, args...), h: h, stdout: h.output(), stderr: h.output()}
	p.Stdout, p.Stderr = p.stdout, p.stderr
	if prepare != nil {
		prepare(p.Cmd)
	}
	h.Must(p.Start())
	h.Cleanup(func() {
		if p.ProcessState == nil { // the test ended early
			p.Process.Kill()
			p.Wait()
		}
	})
	return p
}

// output is an unlinked file to append to, closed when the test ends.
func (h *H) output() *os.File {
	f, err := os.CreateTemp(h.dir, "out")
	h.Must(err)
	os.Remove(f.Name())
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFL, 0)
	if errno == 0 {
		_, _, errno = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETFL, flags|syscall.O_APPEND)
	}
	if errno != 0 {
		h.Fatal(errno)
	}
	h.Cleanup(func() { f.Close() })
	return f
}

// contents reads a whole output file without moving its offset.
func contents(f *os.File) string {
	var b bytes.Buffer
	buf := make([]byte, 64<<10)
	for {
		n, err := f.ReadAt(buf, int64(b.Len()))
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// Output is what was written to stdout so far, by the command or by the
// container that it made.
func (p *Process) Output() string { return contents(p.stdout) }

// Errors is what was written to stderr so far.
func (p *Process) Errors() string { return contents(p.stderr) }

// Result waits for the end of the command.
func (p *Process) Result() Result {
	p.h.Helper()
	alarm := time.AfterFunc(limit, func() { p.Process.Kill() })
	err := p.Wait()
	if !alarm.Stop() {
		p.h.Fatalf("%s hung for %s\nstderr: %s", strings.Join(p.Args, " "), limit, p.Errors())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.h.Fatal(err)
	}
	status := exitStatus(p.ProcessState.Sys().(syscall.WaitStatus))
	return Result{Program: filepath.Base(p.Args[0]), Args: p.Args[1:], Stdout: p.Output(), Stderr: p.Errors(), Status: status}
}

// Creel runs a command to its end.
func (h *H) Creel(args ...string) Result {
	h.Helper()
	return h.Go(nil, args...).Result()
}

// Program runs any program to its end.
func (h *H) Program(program string, args ...string) Result {
	h.Helper()
	return h.GoProgram(nil, program, args...).Result()
}

// Ok fails the test unless the command succeeded.
func (h *H) Ok(r Result) Result {
	h.Helper()
	if r.Status != 0 {
		h.Fatal(r)
	}
	return r
}

// Fails fails the test unless the command failed with status 1 and its last
// line contains each of want.
func (h *H) Fails(r Result, want ...string) Result {
	h.Helper()
	if r.Status != 1 {
		h.Errorf("want status 1: %s", r)
	}
	for _, w := range want {
		if !strings.Contains(r.LastLine(), w) {
			h.Errorf("the last line %q does not contain %q", r.LastLine(), w)
		}
	}
	return r
}

// Host runs a shell script on the host, which must succeed, and returns its output.
func (h *H) Host(script string) string {
	h.Helper()
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	if err != nil {
		h.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}
