// Package conformance holds a runtime to the runtime specification, sentence by
// sentence (package requirements has them all). Its tests use nothing but the command
// line that runtimes have in common, so that any runtime can be tested: the program
// that CREEL names, as harness has it. What a container is, its probe tells.
package conformance

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/conformance/requirements"
	"github.com/creel-project/creel/tests/conformance/seen"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(complete{m})) }

type S = specs.Spec

// begun are the tests that ran, by name.
var begun = map[string]bool{}

// complete runs the tests and, where all of them were asked for, fails if a
// requirement's test is not among them.
type complete struct{ m *testing.M }

func (c complete) Run() int {
	if err := ownNull(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := c.m.Run()
	names, err := requirements.Tests()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.list").Value.String() != "" {
		return status
	}
	for name, id := range names {
		if !begun[name] {
			fmt.Printf("--- FAIL: %s: the test of %s was not run\n", name, id)
			status = 1
		}
	}
	return status
}

// ownNull hides the host's null device behind one of the tests' own: it is the standard
// input of their commands, and some runtimes give that to the container's user.
func ownNull() error {
	const null = "/dev/null"
	node := filepath.Join(os.TempDir(), "null")
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	if err := syscall.Mknod(node, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		return fmt.Errorf("make %s: %w", node, err)
	}
	if err := syscall.Mount(node, null, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", node, null, err)
	}
	return nil
}

// C is what one test of a requirement works with.
type C struct{ *harness.H }

// begin begins the test of a requirement; one that no requirement has is a mistake.
func begin(t testing.TB) *C {
	t.Helper()
	names, err := requirements.Tests()
	if err != nil {
		t.Fatal(err)
	}
	if names[t.Name()] == "" {
		t.Fatalf("no requirement has the test %s", t.Name())
	}
	begun[t.Name()] = true
	if !isCreel() {
		t = tolerant{t}
	}
	c := &C{harness.New(t)}
	c.Must(installProbe())
	return c
}

// oldest is the version of the specification that every runtime knows: a later one
// may be refused by those that do not know it.
func oldest(s *S) { s.Version = "1.0.2" }

// Bundle makes a bundle of this version.
func (c *C) Bundle(mutate ...harness.Mutate) string {
	c.Helper()
	return c.H.Bundle(append([]harness.Mutate{oldest}, mutate...)...)
}

// Sh is harness's, of this version.
func (c *C) Sh(script string, mutate ...harness.Mutate) string {
	c.Helper()
	return c.H.Sh(script, append([]harness.Mutate{oldest}, mutate...)...)
}

// A tolerant test does not fail for what was left behind: of other runtimes only the
// tests that look for it by themselves say so.
type tolerant struct{ testing.TB }

func (t tolerant) Errorf(format string, args ...any) {
	t.Helper()
	if strings.HasPrefix(format, "left behind") {
		t.Logf(format, args...)
		return
	}
	t.TB.Errorf(format, args...)
}

// each begins a subtest.
func each(t *testing.T, name string, f func(c *C)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if requirements.Differs[t.Name()] == "" || !isCreel() {
			f(begin(t))
			return
		}
		e := &expectation{TB: t}
		f(begin(e))
		e.end()
	})
}

// isCreel says whether the runtime under test is creel.
var isCreel = sync.OnceValue(func() bool {
	out, _ := exec.Command(harness.Program(), "--version").Output()
	return strings.HasPrefix(string(out), "creel ")
})

// installProbe puts the probe into the root filesystem that the tests share.
var installProbe = sync.OnceValue(func() error {
	path := os.Getenv("PROBE")
	if path == "" {
		path = "../../build/conformance/probe"
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the probe (make conformance, or PROBE=PATH): %w", err)
	}
	probe = program
	return os.WriteFile(filepath.Join(harness.Default().Root.Path, "bin/probe"), program, 0o755)
})

var probe []byte

// ownRoot makes a root filesystem for this test alone, writable, and sets it.
func (c *C) ownRoot() (string, harness.Mutate) {
	c.Helper()
	dir := c.OwnRoot()
	c.Must(os.WriteFile(dir+"/bin/probe", probe, 0o755))
	return dir, harness.Root(dir)
}

var (
	// looks makes the probe the program.
	looks = harness.Args("/bin/probe")
	// waits makes it wait for SIGTERM after it looked.
	waits = harness.Args("/bin/probe", "wait")
)

// see runs the probe in a container and returns what it saw.
func (c *C) see(mutate ...harness.Mutate) (r seen.Report) {
	c.Helper()
	return c.decode(c.Ok(c.Run(c.Bundle(append([]harness.Mutate{looks}, mutate...)...))).Stdout)
}

func (c *C) decode(text string) (r seen.Report) {
	c.Helper()
	line, _, _ := strings.Cut(text[strings.Index(text, "{")+1:], "\n")
	if err := json.Unmarshal([]byte("{"+line), &r); err != nil {
		c.Fatalf("the probe said %q: %v", text, err)
	}
	return r
}

// waiting starts a container whose probe looks and waits, and returns when it has looked.
func (c *C) waiting(mutate ...harness.Mutate) (*harness.Container, seen.Report) {
	c.Helper()
	k := c.Create(c.Bundle(append([]harness.Mutate{waits}, mutate...)...))
	c.Ok(c.Creel("start", k.ID))
	k.Says("}\n")
	return k, c.decode(k.Output())
}

// fails wants a command to fail.
func (c *C) fails(what string, r harness.Result) {
	c.Helper()
	if r.Status == 0 {
		c.Errorf("%s is no error: %s", what, r)
	}
}

// refused wants create to fail, and to leave no container.
func (c *C) refused(bundle string) harness.Result {
	c.Helper()
	id := c.ID()
	r := c.Creel("create", "--bundle", bundle, id)
	c.fails("create", r)
	if s := c.Creel("state", id); s.Status == 0 {
		c.Errorf("create failed, and there is a container: %s", s)
	}
	return r
}

// stopped ends a container's process and waits until the runtime knows.
func (c *C) stopped(id string) {
	c.Helper()
	c.Ok(c.Creel("kill", id, "KILL"))
	c.WaitFor(id, "stopped")
}

// read is a file's content, empty if there is no file.
func read(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}
