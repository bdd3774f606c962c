package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

func TestRootlessTakesThreeWords(t *testing.T) {
	ordinary := os.Geteuid() != 0 || cgfs.InUserNamespace()
	for text, want := range map[string]bool{"true": true, "1": true, "false": false, "auto": ordinary, "": ordinary} {
		if got, err := rootlessFlag(text); err != nil || got() != want {
			t.Errorf("%q is %v (%v)", text, !want, err)
		}
	}
	for _, text := range []string{"perhaps", "yes", "AUTO"} {
		if _, err := rootlessFlag(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("--rootless %s: %v", text, err)
		}
	}
}

// answer names the variable that makes a process of this test say what holds for it.
const answer = "CREEL_TEST_ANSWER"

// inUserNamespace runs the named test as root of a user namespace and returns what it printed.
func inUserNamespace(t *testing.T, env ...string) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(env, answer+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said, _, _ := strings.Cut(string(out), "\n")
	return said
}

func TestRootOfAUserNamespaceIsRootless(t *testing.T) {
	if os.Getenv(answer) != "" {
		rootless, err := rootlessFlag("auto")
		fmt.Println(rootless(), err)
		return
	}
	if got := inUserNamespace(t); got != "true <nil>" {
		t.Errorf("--rootless auto is %s", got)
	}
}

func TestTheRuntimeDirectoryIsTheRootOfWhoeverIsNotRoot(t *testing.T) {
	if os.Getenv(answer) != "" {
		root, err := rootDir("")
		fmt.Println(root, err)
		return
	}
	dir := t.TempDir()
	if got := inUserNamespace(t, "XDG_RUNTIME_DIR="+dir, "USER=somebody"); got != dir+"/creel <nil>" {
		t.Errorf("root of a user namespace: %s", got)
	}
	if st, err := os.Stat(dir + "/creel"); err != nil || st.Mode() != os.ModeDir|os.ModeSticky|0o700 {
		t.Errorf("its mode is %v, %v", st, err)
	}
	if got := inUserNamespace(t, "XDG_RUNTIME_DIR="+dir, "USER=root"); got != defaultRoot+" <nil>" {
		t.Errorf("root of a user namespace who is called so: %s", got)
	}
	if got := inUserNamespace(t, "USER=somebody"); got != defaultRoot+" <nil>" {
		t.Errorf("without the variable: %s", got)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := inUserNamespace(t, "XDG_RUNTIME_DIR="+file); !strings.Contains(got, "$XDG_RUNTIME_DIR must be writable") || !strings.HasSuffix(got, "not a directory") {
		t.Errorf("a file: %s", got)
	}
}

func TestAGivenRootIsMadeAbsoluteAndNotMade(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if root, err := rootDir("some/../where"); err != nil || root != dir+"/where" {
		t.Errorf("%q, %v", root, err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("in the directory: %v, %v", names, err)
	}
}
