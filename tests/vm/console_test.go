package vm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const end = "[   82.7] creel-tests[348]: creel-tests: 5 packages ran\n"

func TestTheConsoleLogDecidesOverTheBoot(t *testing.T) {
	for name, tt := range map[string]struct{ log, want string }{
		"good":        {"[    3.1] systemd[1]: hello\n[   31.3] Memory cgroup out of memory: Killed process 603 (sh)\n" + end, ""},
		"no end":      {"[    3.1] systemd[1]: hello\n", "did not come to their end"},
		"no package":  {strings.Replace(end, "5", "0", 1), "did not come to their end"},
		"empty":       {"", "did not come to their end"},
		"oops":        {"[    9.1] Oops: 0000 [#1] PREEMPT SMP\n" + end, "2:"},
		"BUG":         {"[    9.1] BUG: kernel NULL pointer dereference, address: 0\n" + end, "2:"},
		"panic":       {"[    9.1] Kernel panic - not syncing: sysrq triggered crash\n", "2:"},
		"hung task":   {"[  250.1] INFO: task creel:812 blocked for more than 120 seconds.\n" + end, "2:"},
		"warning":     {"[    9.1] WARNING: CPU: 0 PID: 1 at kernel/cgroup/cgroup.c:1 x+0x1/0x2\n" + end, "2:"},
		"lost device": {"[    9.1] unregister_netdevice: waiting for lo to become free. Usage count = 2\n" + end, "2:"},
	} {
		log := filepath.Join(t.TempDir(), "console")
		if err := os.WriteFile(log, []byte("first line\n"+tt.log), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("./console.sh", log).CombinedOutput()
		if good := tt.want == ""; good != (err == nil) || !strings.Contains(string(out), tt.want) {
			t.Errorf("%s: %v, %q", name, err, out)
		}
	}
}

func TestEveryPackageOfTheSuiteIsThere(t *testing.T) {
	text, err := os.ReadFile("suite")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != 3 && len(words) != 4 {
			t.Errorf("%q has %d words", line, len(words))
			continue
		}
		listed[words[1]] = true
		if found, _ := filepath.Glob("../../" + words[1] + "/*_test.go"); len(found) == 0 {
			t.Errorf("%s has no tests", words[1])
		}
	}
	packages, _ := filepath.Glob("*/main_test.go")
	for _, p := range packages {
		if !listed["tests/vm/"+filepath.Dir(p)] {
			t.Errorf("%s is in no line of the suite", filepath.Dir(p))
		}
	}
}
