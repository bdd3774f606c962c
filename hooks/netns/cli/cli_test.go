package cli

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/completion"
)

func run(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, err strings.Builder
	status = Main(context.Background(), append([]string{"creel-netns"}, args...), strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

func TestTheManPageHasEveryFlagAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../../docs/man/creel-netns.8")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(text), `\-`, "-")
	has, all := map[string]bool{}, completion.FlagsOf(commands())
	for _, c := range commands() {
		if !strings.Contains(page, ".B creel-netns "+c.Name+"\n") {
			t.Errorf("the page has no synopsis of %s", c.Name)
		}
		for _, name := range all[c.Name] {
			has[name] = true
		}
	}
	told := map[string]bool{}
	for _, tag := range regexp.MustCompile(`(?m)^\.TP\n(.*)$`).FindAllStringSubmatch(page, -1) {
		for _, m := range regexp.MustCompile(`(?:^|[ "]|\\fB)(--?[a-z][a-z0-9-]*)`).FindAllStringSubmatch(tag[1], -1) {
			told[m[1]] = true
		}
	}
	for name := range has {
		if !told[name] {
			t.Errorf("the page lacks %s", name)
		}
	}
	for name := range told {
		if !has[name] {
			t.Errorf("the page has %s, which no command knows", name)
		}
	}
}

func TestAWrongCommandLineIsOneLineThatSaysWhy(t *testing.T) {
	for line, want := range map[string]string{
		"hook --mtu x":                    `invalid value "x" for flag -mtu`,
		"hook --isolate=perhaps":          `invalid value "perhaps" for flag -isolate`,
		"hook --nothing":                  "flag provided but not defined: -nothing",
		"hook --publish 1:2:3:4":          `"1:2" is no address`,
		"create a b":                      `superfluous argument "b"`,
		"rm":                              "the name of the bridge is missing",
		"dance":                           `there is no command "dance"`,
		"release --state-dir x web":       `--state-dir: "x" is not an absolute path`,
		"inspect --state-dir /nowhere x":  `neither a bridge nor a container named "x"`,
		"hook --mac 00:11:22:33:44:55:66": "--mac: ",
	} {
		status, _, stderr := run("", strings.Fields(line)...)
		if status != 1 || !strings.HasPrefix(stderr, "creel-netns: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q; want %q", line, status, stderr, want)
		}
	}
}

func TestWhereThereIsNothingTheListsAreEmptyAndAReleaseIsDone(t *testing.T) {
	dir := t.TempDir() + "/none"
	if status, out, err := run("", "ls", "--json", "--state-dir", dir); status != 0 || !strings.Contains(out, `"bridges": []`) {
		t.Errorf("ls: %d, %s, %s", status, out, err)
	}
	if status, _, err := run(`{"id":"web"}`, "release", "--state-dir", dir); status != 0 {
		t.Errorf("release: %d, %s", status, err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the state directory: %v", err)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	_, out, _ := run("", "--help")
	for _, c := range []string{"hook", "release", "create", "rm", "ls", "inspect"} {
		if !slices.ContainsFunc(strings.Split(out, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), c) }) {
			t.Errorf("no %s in\n%s", c, out)
		}
	}
}
