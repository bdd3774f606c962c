package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// described is a container of Docker 20.10.
const described = "../docker/mapping/testdata/plain.json"

type result struct {
	status         int
	stdout, stderr string
}

func fromDockerOf(stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := Main(context.Background(), append([]string{"creel-bundle", "from-docker"}, args...), strings.NewReader(stdin), &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

// made runs the command, which is to go well, and returns the config that it prints.
func configOf(t *testing.T, stdin string, args ...string) *specs.Spec {
	t.Helper()
	r := fromDockerOf(stdin, append([]string{"-o", "-"}, args...)...)
	if r.status != 0 {
		t.Fatalf("%q: status %d: %s", args, r.status, r.stderr)
	}
	s := new(specs.Spec)
	if err := json.Unmarshal([]byte(r.stdout), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestADescriptionBecomesABundle(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "bundle")
	if r := fromDockerOf("", "-o", bundle, described); r.status != 0 || r.stdout != "" {
		t.Fatalf("%+v", r)
	}
	written, err := os.ReadFile(bundle + "/config.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(described)
	if err != nil {
		t.Fatal(err)
	}
	if r := fromDockerOf(string(text), "-o", "-", "-"); r.stdout != string(written)+"\n" {
		t.Errorf("from the standard input it is\n%s\nfrom the file\n%s", r.stdout, written)
	}
	if r := fromDockerOf("", "-o", bundle, described); r.status == 0 || !strings.Contains(r.stderr, "--force replaces it") {
		t.Errorf("a config that is there: %+v", r)
	}
	if r := fromDockerOf("", "-f", "-o", bundle, described); r.status != 0 {
		t.Errorf("--force: %+v", r)
	}
}

func TestFlagsChangeTheConfig(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(root+"/etc", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/etc/group", []byte("more:x:42:root\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/etc/passwd", []byte("root:x:0:0::/:/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := configOf(t, "", described, "--rootfs", root, "--userns", "100000:65536", "--network", "netns", "--netns-program", "/opt/creel-netns",
		"--hook", "poststop:/bin/echo 'a,b' c", "--hook", "poststop:/bin/true", "--set", `process.args=["x","y"]`, "--set", "/linux/resources/pids/limit=7")
	if s.Root.Path != root || s.Process.User.AdditionalGids[1] != 42 || s.Linux.UIDMappings[0].HostID != 100000 ||
		s.Hooks.CreateRuntime[0].Path != "/opt/creel-netns" || s.Hooks.Poststop[1].Args[1] != "a,b" || len(s.Hooks.Poststop) != 3 ||
		s.Process.Args[1] != "y" || *s.Linux.Resources.Pids.Limit != 7 {
		t.Errorf("the config is %+v %+v", s, s.Process)
	}
	if s := configOf(t, "", described, "--cni", "lab", "--netns-program", "/x"); s.Hooks.CreateRuntime[0].Args[3] != "lab" {
		t.Errorf("--cni makes %+v", s.Hooks)
	}
}

func TestARootInTheBundleIsRelative(t *testing.T) {
	bundle := t.TempDir()
	if err := os.Mkdir(bundle+"/fs", 0o755); err != nil {
		t.Fatal(err)
	}
	if r := fromDockerOf("", "-o", bundle, "--rootfs", bundle+"/fs", described); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	text, err := os.ReadFile(bundle + "/config.json")
	if err != nil || !strings.Contains(string(text), `"path": "fs"`) {
		t.Errorf("the config is %s, %v", text, err)
	}
}

func TestWhatIsLostIsTold(t *testing.T) {
	const lost = "HostConfig.NetworkMode is not expressed: "
	if r := fromDockerOf("", "-o", "-", described); r.status != 0 || !strings.Contains(r.stderr, "warning: "+lost) {
		t.Errorf("%+v", r)
	}
	bundle := filepath.Join(t.TempDir(), "bundle")
	r := fromDockerOf("", "-o", bundle, "--strict", described)
	if _, err := os.Stat(bundle); r.status != 1 || !strings.Contains(r.stderr, lost) || err == nil {
		t.Errorf("--strict: %+v; the bundle: %v", r, err)
	}
	if r := fromDockerOf("", "-o", "-", "--report", "table", described); !strings.HasPrefix(r.stderr, "FIELD ") || strings.Contains(r.stderr, "warning") {
		t.Errorf("--report table: %s", r.stderr)
	}
	file := filepath.Join(t.TempDir(), "report")
	if r := fromDockerOf("", "-o", "-", "--report", "json", "--report-file", file, described); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	text, err := os.ReadFile(file)
	if err != nil || !json.Valid(text) || !strings.Contains(string(text), `"fate": "lost"`) {
		t.Errorf("the report is %s, %v", text, err)
	}
}

func TestBadInputIsAnErrorThatLeavesNothing(t *testing.T) {
	text, err := os.ReadFile(described)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Replace(string(text), `"User": ""`, `"User": "www"`, 1)
	for name, c := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"no argument":           {"", nil, "0 arguments; want CONTAINER, FILE or -"},
		"two":                   {"", []string{"a", "b"}, "2 arguments"},
		"a missing file":        {"", []string{"./none.json"}, "no such file"},
		"garbage":               {"x", []string{"-"}, "standard input: it is not JSON"},
		"a directory":           {"", []string{"./"}, "is a directory"},
		"an unknown flag":       {"", []string{"--fly", "-"}, "fly"},
		"a user without passwd": {named, []string{"-"}, "give its root filesystem with --rootfs DIR"},
		"no daemon":             {"", []string{"--host", "unix:///none", "web"}, "ask Docker at unix:///none"},
		"a host that is none":   {"", []string{"--host", "none", "web"}, "none"},
		"a missing root":        {string(text), []string{"--rootfs", "/none/x", "-"}, "open /none/x"},
		"two roots":             {string(text), []string{"--rootfs", "/", "--merged", "-"}, "want one of them"},
		"a merged root":         {string(text), []string{"--merged", "-"}, "open /var/lib/docker/overlay2/"},
		"no range":              {string(text), []string{"--userns", "5", "-"}, `--userns "5": want ROOT:LEN`},
		"no network":            {string(text), []string{"--network", "x", "-"}, `--network "x": want netns, cni, none or host`},
		"no CNI network":        {string(text), []string{"--network", "cni", "-"}, "--cni NAME"},
		"no hook":               {string(text), []string{"--hook", "x", "-"}, `--hook "x": want STAGE:PATH`},
		"no setting":            {string(text), []string{"--set", "x", "-"}, `--set "x": want PATH=JSON`},
		"no join":               {string(text), []string{"--join", "x=y", "-"}, `--join "x=y": want CONTAINER=PID`},
		"no report":             {string(text), []string{"--report", "x", "-"}, `--report "x": want table or json`},
		"a bad config":          {string(text), []string{"--set", `process.cwd="x"`, "-"}, `process.cwd: "x" is not an absolute path`},
	} {
		bundle := filepath.Join(t.TempDir(), "bundle")
		r := fromDockerOf(c.stdin, append([]string{"-o", bundle}, c.args...)...)
		if _, err := os.Stat(bundle); r.status != 1 || !strings.Contains(r.stderr, c.want) || err == nil {
			t.Errorf("%s: %+v; want %s; the bundle: %v", name, r, c.want, err)
		}
	}
}
