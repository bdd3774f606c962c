package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// mistakes makes what a judge returns.
func mistakes(texts ...string) error {
	errs := make([]error, len(texts))
	for i, text := range texts {
		errs[i] = errors.New(text)
	}
	return errors.Join(errs...)
}

func TestTheMistakesOfSeveralJudgesComeInTheOrderOfTheFields(t *testing.T) {
	got := lines(Together(
		mistakes(`process.cwd: "x"`, "linux.namespaces[10].type: a", "linux.namespaces[9].type: b", `linux.sysctl["a: b.c"]: d`),
		mistakes("config: too much", "mounts[3].options: e", `process.apparmorProfile: "f"`, "linux.intelRdt: g"),
		errors.Join(mistakes("linux.seccomp.syscalls[2].names[0]: h", "linux.seccomp.syscalls[1].args[0].op: i"),
			mistakes("linux.resources.blockIO.weightDevice[0].major: j", "mounts: k", "hooks.poststop[0].path: l")),
	))
	want := []string{
		`process.cwd: "x"`, `process.apparmorProfile: "f"`, "mounts: k", "mounts[3].options: e", "hooks.poststop[0].path: l",
		`linux.sysctl["a: b.c"]: d`, "linux.resources.blockIO.weightDevice[0].major: j",
		"linux.namespaces[9].type: b", "linux.namespaces[10].type: a",
		"linux.seccomp.syscalls[1].args[0].op: i", "linux.seccomp.syscalls[2].names[0]: h", "linux.intelRdt: g", "config: too much",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOfOneFieldTheFirstJudgeIsHeardWithAllThatItSays(t *testing.T) {
	got := lines(Together(
		mistakes("process.env: a", "process.env: b", "no field"),
		mistakes("process.env: c", "process.env[1]: d", "no field", "no other field"),
	))
	if want := []string{"process.env: a", "process.env: b", "process.env[1]: d", "no field", "no other field"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAReportKeepsItsCauses(t *testing.T) {
	if err := Together(nil, mistakes()); err != nil {
		t.Errorf("nobody found anything: %v", err)
	}
	err := Together(errors.New("mounts[0]: a"), fmt.Errorf("root.path: %w", fs.ErrNotExist))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: the cause is lost", err)
	}
}
