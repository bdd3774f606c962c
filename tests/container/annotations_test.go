package container

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func annotation(key, value string) harness.Mutate {
	return func(s *S) {
		if s.Annotations == nil {
			s.Annotations = map[string]string{}
		}
		s.Annotations[key] = value
	}
}

// talking is a hook that writes its kind to both streams.
func talking(kind string) []specs.Hook {
	return []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "echo " + kind + "; echo err " + kind + " >&2"}, Env: []string{"PATH=/bin"}}}
}

func talkingHooks(s *S) {
	s.Hooks = &specs.Hooks{
		CreateRuntime: talking("createRuntime"), CreateContainer: talking("createContainer"),
		StartContainer: talking("startContainer"), Poststart: talking("poststart"), Poststop: talking("poststop"),
	}
}

// TestTheOutputOfAllHooksIsAppendedToTheFilesOfTheAnnotations, of which a relative
// one lies in the bundle.
func TestTheOutputOfAllHooksIsAppendedToTheFilesOfTheAnnotations(t *testing.T) {
	kinds := []string{"createRuntime", "createContainer", "startContainer", "poststart", "poststop"}
	out := strings.Join(kinds, "\n") + "\n"
	err := "err " + strings.Join(kinds, "\nerr ") + "\n"
	for _, ends := range []struct {
		name string
		run  func(h *harness.H, bundle string)
	}{
		{"run", func(h *harness.H, b string) { h.Ok(h.Run(b)) }},
		{"create and start", func(h *harness.H, b string) {
			c := h.Create(b)
			h.Ok(h.Creel("start", c.ID))
			h.Ok(h.Creel("delete", "--force", c.ID))
		}},
	} {
		for _, userns := range []bool{false, true} {
			h := harness.New(t)
			more := harness.Mutate(func(*S) {})
			if userns {
				more = shifted(h)
			}
			errs := h.Path("err")
			h.WriteFile(errs, "before\n", 0o600)
			b := h.Bundle(harness.Script("sleep 0.1"), talkingHooks, annotation("run.oci.hooks.stdout", "out"), annotation("run.oci.hooks.stderr", errs), more)
			ends.run(h, b)
			if got, _ := os.ReadFile(b + "/out"); string(got) != out {
				t.Errorf("%s: stdout is %q", ends.name, got)
			}
			if got, _ := os.ReadFile(errs); string(got) != "before\n"+err {
				t.Errorf("%s: stderr is %q", ends.name, got)
			}
		}
	}
}

func TestOneOfTheFilesOfHooksIsEnough(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("true"), talkingHooks, annotation("run.oci.hooks.stdout", "out"))
	h.Ok(h.Run(b))
	if got, _ := os.ReadFile(b + "/out"); strings.Contains(string(got), "err") || !strings.Contains(string(got), "startContainer") {
		t.Errorf("stdout is %q", got)
	}
}

// TestAFailingHookNamesTheFileOfItsStderr, as what it said is there and not in the error.
func TestAFailingHookNamesTheFileOfItsStderr(t *testing.T) {
	h := harness.New(t)
	fails := []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "echo why >&2; exit 3"}}}
	for kind, hooks := range map[string]*specs.Hooks{
		"createRuntime": {CreateRuntime: fails}, "createContainer": {CreateContainer: fails}, "startContainer": {StartContainer: fails},
	} {
		b := h.Bundle(func(s *S) { s.Hooks = hooks }, annotation("run.oci.hooks.stderr", "err"))
		h.Fails(h.Run(b), "hooks."+kind+`[0]: run /bin/sh: stderr is in "`+b+`/err": exit status 3`)
		if got, _ := os.ReadFile(b + "/err"); string(got) != "why\n" {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestAFileForHooksThatCannotBeOpenedIsAnErrorAndNoReasonToWait(t *testing.T) {
	h := harness.New(t)
	fifo := h.Path("fifo")
	h.Must(syscall.Mkfifo(fifo, 0o600))
	for file, want := range map[string]string{
		"/nonexistent/file": "open /nonexistent/file for the output of hooks: no such file or directory",
		fifo:                "open " + fifo + " for the output of hooks: no such device or address",
	} {
		for _, name := range []string{"run.oci.hooks.stdout", "run.oci.hooks.stderr"} {
			h.Fails(h.Run(h.Bundle(talkingHooks, annotation(name, file))), want)
			h.Fails(h.Run(h.Bundle(annotation(name, file), func(s *S) { s.Hooks = &specs.Hooks{StartContainer: talking("x")} })), want)
		}
	}
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestTheCallersGroupsAreKeptWhereTheAnnotationSaysSo(t *testing.T) {
	h := harness.New(t)
	ours := func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 0, Gid: 0, Groups: []uint32{4242, 4343}}}
	}
	for _, c := range []struct {
		want string
		m    []harness.Mutate
	}{
		{"Groups:\t7", nil},
		{"Groups:\t4242 4343", []harness.Mutate{annotation("run.oci.keep_original_groups", "1")}},
		{"Groups:\t7", []harness.Mutate{annotation("run.oci.keep_original_groups", "0")}},
		{"Groups:\t65534 65534", []harness.Mutate{annotation("run.oci.keep_original_groups", "1"), shifted(h)}},
	} {
		b := h.Bundle(append([]harness.Mutate{harness.Script("grep Groups /proc/self/status"),
			process(func(p *specs.Process) { p.User.AdditionalGids = []uint32{7} })}, c.m...)...)
		r := h.Ok(h.Go(ours, "run", "--bundle", b, h.ID()).Result())
		if got := strings.TrimSpace(r.Stdout); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
