package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// binary is the built program.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CREEL")
	if path == "" {
		path = "../../bin/creel"
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// result is what a command left.
type result struct {
	status         int
	stdout, stderr string
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v (make builds it)", err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// creel runs the program with a root of its own.
func creel(t *testing.T, args ...string) result {
	t.Helper()
	return finish(t, exec.Command(binary(t), append([]string{"--root", filepath.Join(t.TempDir(), "root")}, args...)...))
}

func TestTheVersionHasTheLinesThatEnginesRead(t *testing.T) {
	want := regexp.MustCompile(`^creel version \S+\n(commit: [0-9a-f]{40}\n)?spec: ` + regexp.QuoteMeta(specs.Version) +
		`\ngo: go1\.\d+\S*\nlibseccomp: \d+\.\d+\.\d+\n$`)
	for _, flag := range []string{"--version", "-v", "-version"} {
		got := finish(t, exec.Command(binary(t), flag))
		if got.status != 0 || !want.MatchString(got.stdout) || got.stderr != "" {
			t.Errorf("%s: %+v", flag, got)
		}
	}
}

func TestMistakesOnTheCommandLineHaveRuncsStatuses(t *testing.T) {
	for _, c := range []struct {
		line   string
		status int
		usage  string // on stderr, before the error
		last   string // of stderr's last line
	}{
		{"dance", 3, "", `unknown command \"dance\"`},
		{"help dance", 3, "", `unknown command \"dance\"`},
		{"--dance list", 1, "GLOBAL OPTIONS:", "flag provided but not defined: -dance"},
		{"list --dance", 1, "creel list [command options]", "flag provided but not defined: -dance"},
		{"delete web --dance", 1, "creel delete [command options]", "flag provided but not defined: -dance"},
		{"state", 1, "creel state [command options] <container-id>", `creel: \"state\" requires exactly 1 argument(s)`},
		{"kill", 1, "creel kill", `creel: \"kill\" requires a minimum of 1 argument(s)`},
		{"kill a b c", 1, "creel kill", `creel: \"kill\" requires a maximum of 2 argument(s)`},
		{"list a", 1, "creel list", `creel: \"list\" requires exactly 0 argument(s)`},
		{"run --preserve-fds x web", 1, "creel run", `invalid value \"x\" for flag -preserve-fds: parse error`},
		{"delete --force=perhaps web", 1, "creel delete", `invalid boolean value \"perhaps\" for -force: parse error`},
		{"--log-format xml list", 1, "", `--log-format \"xml\"`},
		{"--log /no/such/dir/log list", 1, "", "no such file or directory"},
		{"--rootless perhaps list", 1, "", `--rootless \"perhaps\"`},
		{"--systemd-cgroup --cgroup-manager disabled list", 1, "", "--systemd-cgroup asks for the opposite"},
		{"list --format xml", 1, "", `--format \"xml\"`},
		{"kill web NOSUCH", 1, "", `unknown signal \"NOSUCH\"`},
		{"state a/b", 1, "", "invalid container ID format"},
	} {
		got := creel(t, strings.Fields(c.line)...)
		lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
		last := lines[len(lines)-1]
		if got.status != c.status || got.stdout != "" || !strings.Contains(last, "level=error") || !strings.Contains(last, c.last) {
			t.Errorf("%s: %+v", c.line, got)
		}
		if c.usage == "" && len(lines) != 1 || c.usage != "" && (lines[0] != "Incorrect Usage." || !strings.Contains(got.stderr, c.usage)) {
			t.Errorf("%s: usage in %s", c.line, got.stderr)
		}
	}
}

func TestEveryCommandThatNeedsAContainerSaysThatThereIsNone(t *testing.T) {
	for _, line := range []string{"state web", "start web", "kill web", "kill web KILL", "delete web"} {
		got := creel(t, strings.Fields(line)...)
		if got.status != 1 || got.stdout != "" || !strings.HasSuffix(got.stderr, "level=error msg=\"container does not exist\"\n") {
			t.Errorf("%s: %+v", line, got)
		}
	}
	for _, line := range []string{"delete --force web", "delete web --force", "delete web -f"} {
		if got := creel(t, strings.Fields(line)...); got != (result{}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestHelpGoesToStdoutAndSucceeds(t *testing.T) {
	for line, want := range map[string]string{
		"": "GLOBAL OPTIONS:", "help": "GLOBAL OPTIONS:", "h": "GLOBAL OPTIONS:", "--help": "GLOBAL OPTIONS:", "-h": "GLOBAL OPTIONS:",
		"help run": "creel run [command options]", "run -h": "creel run [command options]", "run --help": "creel run [command options]",
		"run web --help": "creel run [command options]",
	} {
		got := creel(t, strings.Fields(line)...)
		if got.status != 0 || got.stderr != "" || !strings.Contains(got.stdout, want) {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestWithALogFileAnErrorIsInTheFileAndOnStderr(t *testing.T) {
	for line, want := range map[string]string{
		"state web":         "container does not exist",
		"dance":             "unknown command \"dance\": `creel help` lists the commands",
		"start":             `creel: "start" requires exactly 1 argument(s)`,
		"create -b /no web": "create web: open /no/config.json: JSON specification file config.json not found: no such file or directory",
	} {
		path := filepath.Join(t.TempDir(), "log")
		got := creel(t, append([]string{"--log", path, "--log-format", "json"}, strings.Fields(line)...)...)
		if got.status == 0 || !strings.HasSuffix(got.stderr, want+"\n") || strings.Contains(got.stderr, "level") {
			t.Errorf("%s: %+v", line, got)
		}
		text := read(t, path)
		var entry struct{ Level, Msg, Time string }
		if err := json.Unmarshal([]byte(text), &entry); err != nil || entry.Level != "error" || entry.Msg != want || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: the log has %s (%v)", line, text, err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm()&^0o644 != 0 {
			t.Errorf("%s: %v, %v", path, st, err)
		}
	}
}

func TestListOfNothingIsAnEmptyList(t *testing.T) {
	for line, want := range map[string]string{
		"list": "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n", "list -q": "", "list --format json": "[]\n",
	} {
		if got := creel(t, strings.Fields(line)...); got != (result{stdout: want}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestListNamesARecordThatIsNone(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(root+"/web", 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/web/state.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := finish(t, exec.Command(binary(t), "--root", root, "list", "-q"))
	if got.status != 0 || got.stdout != "" || !strings.Contains(got.stderr, "load container web: record of web: ") {
		t.Errorf("%+v", got)
	}
}
