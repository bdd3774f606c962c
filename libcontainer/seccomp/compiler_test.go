package seccomp

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// compilerBytes is the profile compiler as make embeds it.
func compilerBytes(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(compilerPath)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// embed makes the compiler embedded for one test, as with the tag creel_embed.
func embed(t testing.TB) { embedThis(t, compilerBytes(t)) }

func embedThis(t testing.TB, code []byte) {
	before := embedded
	embedded = code
	t.Cleanup(func() { embedded = before })
}

func TestTheCompilerCarriesItsIdentity(t *testing.T) {
	id, lib := readNotes(compilerBytes(t))
	if len(id) != 20 {
		t.Errorf("build id %x", id)
	}
	out, err := exec.Command(compilerPath, "--version").Output()
	if err != nil || strings.TrimSpace(string(out)) != lib || strings.Count(lib, ".") != 2 {
		t.Errorf("the note says %q, the program %q, %v", lib, out, err)
	}
	for _, o := range []Options{{CompilerPath: compilerPath}, {}} {
		embed(t)
		if got, err := LibseccompVersion(o); err != nil || got != lib {
			t.Errorf("%+v: %q, %v", o, got, err)
		}
	}
}

func TestTheEmbeddedCompilerRunsFromMemory(t *testing.T) {
	embed(t)
	f, err := Load(docker(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(f.Program, load(t, docker(t)).Program) {
		t.Error("another program than the installed compiler's")
	}
}

func TestWithoutCompilerTheErrorSaysWhereItWasLookedFor(t *testing.T) {
	if _, err := Load(sample(), Options{CompilerPath: "/nonexistent/creel-seccomp"}); !errors.Is(err, unix.ENOENT) ||
		err.Error() != "seccomp profile compiler /nonexistent/creel-seccomp: open: no such file or directory" {
		t.Errorf("%v", err)
	}
	embedThis(t, nil)
	before := installed
	t.Cleanup(func() { installed = before })
	installed = [2]string{"/nonexistent/a", "/nonexistent/b"}
	_, err := Load(sample(), Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "nor installed as [/nonexistent/a /nonexistent/b]: no such file or directory") {
		t.Errorf("%v", err)
	}
}

// script makes a program that plays the compiler.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "compiler")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACompilerThatFailsIsQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"echo linux.seccomp.architectures: impossible >&2; exit 1": "linux.seccomp.architectures: impossible",
		"echo half a word >&2":    "half a word",
		"exit 3":                  "ended with status 3 and no word",
		"kill -9 $$":              "killed by signal 9 (killed)",
		"printf 12345":            "linux.seccomp: compiled filter: 5 bytes are no whole number of instructions",
		"exit 0":                  "linux.seccomp: compiled filter: empty program",
		"head -c 40000 /dev/zero": "but the kernel takes at most 4096",
		"head -c 800 /dev/zero":   "the last instruction does not return",
		"head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1": "xxxx",
	} {
		_, err := Load(sample(), Options{CompilerPath: script(t, text)})
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 4200 {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAProgramThatIgnoresItsChildrenGetsItsFilter(t *testing.T) {
	const again = "CREEL_TEST_IGNORE_CHILDREN"
	if os.Getenv(again) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), again+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGCHLD)
	load(t, sample())
	_, err := Load(sample(), Options{CompilerPath: script(t, "echo no >&2; exit 1")})
	if err == nil || err.Error() != "no" {
		t.Errorf("%v", err)
	}
}

func TestTheCompilerGetsNothingOfTheCallers(t *testing.T) {
	t.Setenv("SECRET", "x")
	path := script(t, `[ -z "$SECRET" ] || echo environment >&2; [ -e /proc/self/fd/9 ] && echo descriptor >&2; exit 1`)
	_, err := Load(sample(), Options{CompilerPath: path})
	if err == nil || !strings.HasSuffix(err.Error(), "ended with status 1 and no word") {
		t.Errorf("%v", err)
	}
}

func TestNoDescriptorIsLeftOpen(t *testing.T) {
	embed(t)
	o := Options{CacheDir: t.TempDir()}
	before := descriptors(t)
	for _, opts := range []Options{o, o, {}, {CompilerPath: compilerPath}, {CompilerPath: script(t, "exit 1")}, {CompilerPath: "/nonexistent"}} {
		Load(docker(t), opts)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, then %d", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestStartLeavesTheCompilerRunning(t *testing.T) {
	p, err := Start(docker(t), Options{CompilerPath: compilerPath})
	if err != nil {
		t.Fatal(err)
	}
	if p.filter.Program != nil {
		t.Error("Start waited")
	}
	f, err := p.Wait()
	if err != nil || verify(f.Program) != nil {
		t.Errorf("%v", err)
	}
	if again, err := p.Wait(); err != nil || again != f {
		t.Errorf("%v, %v", again, err)
	}
}
