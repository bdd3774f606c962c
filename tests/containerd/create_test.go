package containerd

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// refused fails the test unless a container could not be made, and the reason arrives, in small letters or large ones.
func (c *C) refused(flags, command []string, reasons ...string) {
	c.Helper()
	r := c.ctr(runArgs(c.ID(), append(flags, "--rm"), command...)...)
	if r.Status == 0 {
		c.Error(r)
	}
	for _, reason := range append(reasons, "OCI runtime create failed") {
		if !strings.Contains(strings.ToLower(r.Stderr), strings.ToLower(reason)) {
			c.Errorf("no %q: %s", reason, r)
		}
	}
	if out := c.Ok(c.ctr("tasks", "ls", "--quiet")).Stdout; out != "" {
		c.Errorf("tasks are left: %s", out)
	}
}

func TestACommandThatIsNotThereIsNamed(t *testing.T) {
	begin(t).refused(nil, []string{"/no/such/program"}, "/no/such/program", "no such file or directory")
}

func TestACommandThatIsNotInPathIsNamed(t *testing.T) {
	engines.Differs(t, "crun", "it has other words")
	begin(t).refused(nil, []string{"nosuchprogram"}, "nosuchprogram", "executable file not found in $PATH")
}

func TestACommandThatIsNoProgramIsNamed(t *testing.T) {
	engines.Differs(t, "crun", "it has other words")
	begin(t).refused(nil, []string{"/etc/passwd"}, "/etc/passwd", "permission denied")
}

func TestAMountWhoseSourceIsMissingIsNamed(t *testing.T) {
	begin(t).refused([]string{"--mount", "type=bind,src=/no/such/source,dst=/mnt,options=rbind"}, []string{"true"}, "/no/such/source", "no such file or directory")
}

func TestAWorkingDirectoryThatIsAFileIsNamed(t *testing.T) {
	begin(t).refused([]string{"--cwd", "/etc/passwd"}, []string{"true"}, "/etc/passwd", "not a directory")
}

func TestANamespaceThatIsNotThereIsNamed(t *testing.T) {
	engines.Differs(t, "crun", "it leaves the cgroup")
	begin(t).refused([]string{"--with-ns", "network:/no/such/namespace"}, []string{"true"}, "/no/such/namespace", "no such file or directory")
}

func TestALimitThatCannotBeIsNamed(t *testing.T) {
	engines.Differs(t, "crun", "it leaves the cgroup")
	begin(t).refused([]string{"--cpu-quota", "7", "--cpu-period", "100000"}, []string{"true"}, "quota")
}
