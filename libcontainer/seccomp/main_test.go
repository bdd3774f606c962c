package seccomp

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// The programs that the tests run: the profile compiler as make builds it, and
// one that makes system calls under a filter.
var compilerPath, callerPath string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "creel-seccomp-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// A test that runs itself again finds the programs already built.
	if built := os.Getenv("CREEL_TEST_PROGRAMS"); built != "" {
		compilerPath, callerPath = filepath.Join(built, "creel-seccomp"), filepath.Join(built, "caller")
		return m.Run()
	}
	os.Setenv("CREEL_TEST_PROGRAMS", dir)
	compilerPath, callerPath = filepath.Join(dir, "creel-seccomp"), filepath.Join(dir, "caller")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "netgo,osusergo", "-ldflags",
		`-s -w -buildid= -linkmode external -extldflags "-static -Wl,--build-id=sha1"`,
		"-o", compilerPath, "github.com/creel-project/creel/cmd/creel-seccomp")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	for _, cmd := range []*exec.Cmd{build, exec.Command("cc", "-O1", "-static", "-o", callerPath, "testdata/caller.c")} {
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n%s", cmd.Args, err, out)
			return 1
		}
	}
	return m.Run()
}

// load compiles a profile without cache.
func load(t testing.TB, p *specs.LinuxSeccomp) *Filter {
	t.Helper()
	f, err := Load(p, Options{CompilerPath: compilerPath})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// under makes system calls under a filter, by the caller program: a line of its
// output for each call.
func under(t *testing.T, f *Filter, calls ...string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "filter")
	if err := os.WriteFile(file, f.Program, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command(callerPath, append([]string{strconv.Itoa(int(f.Flags))}, calls...)...)
	cmd.ExtraFiles = []*os.File{in}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// rule gives calls an action.
func rule(action specs.LinuxSeccompAction, names ...string) specs.LinuxSyscall {
	return specs.LinuxSyscall{Names: names, Action: action}
}

func errno(n uint) *uint { return &n }
