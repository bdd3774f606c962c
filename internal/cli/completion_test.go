package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/completion"
)

const completions = "../../contrib/completions/"

var shells = completion.Of("creel", completions, flagsOf(), "bundle", "netns")

func TestShellsCompleteEveryFlagOfEveryCommandAndNoOther(t *testing.T) { shells.Compare(t) }

func TestBashCompletesWhatAFlagTakes(t *testing.T) {
	shells.Offers(t, map[string]string{
		"creel st":                         "start state",
		"creel --log-format ":              "json text",
		"creel --log-format = t":           "text",
		"creel --rootless f":               "false",
		"creel --log x --debug st":         "start state",
		"creel run --no-":                  "--no-new-keyring --no-pivot --no-subreaper",
		"creel list --format j":            "json",
		"creel list --format = t":          "table",
		"creel plan -f ":                   "json table",
		"creel delete --fo":                "--force",
		"creel update --memory-":           "--memory-reservation --memory-swap",
		"creel update --memory 5m --cpu-i": "--cpu-idle",
		"creel update --cpu-idle ":         "0 1",
		"creel update --cpus ":             "",
		"creel kill web US":                "USR1 USR2",
		"creel kill web SIGUS":             "SIGUSR1 SIGUSR2",
		"creel kill web TERM ":             "",
		"creel --root /x spec --r":         "--rootless",
		"creel --root list --log-format":   "--log-format",
		"creel run --preserve-fds ":        "",
		"creel create ":                    "",
		"creel help sp":                    "spec",
		"creel ps --fo":                    "--format",
		"creel ps -f t":                    "table",
		"creel ps web --fo":                "",
		"creel events --interval ":         "",
		"creel events --st":                "--stats",
		"creel bundle un":                  "unmount unpack",
		"creel bundle run --network n":     "netns none",
		"creel netns rm --f":               "--force",
		"creel bundle ":                    "from-docker gc help images mount pull push repack rmi rootfs run shift unmount unpack",
	})
}

func TestBashCompletesFilesWithSpacesInTheirNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/a bundle", 0o755); err != nil {
		t.Fatal(err)
	}
	if got := shells.Bash(t, "creel", "run", "--bundle", dir+"/a"); !slices.Equal(got, []string{dir + "/a bundle"}) {
		t.Errorf("%q", got)
	}
}

func TestBashCompletesTheIDsBelowTheRootOfTheCommandLine(t *testing.T) {
	fake := filepath.Join(t.TempDir(), "creel")
	script := "#!/bin/sh\n[ \"$*\" = \"--root /some where list --quiet\" ] && printf 'web\\nwebdb\\nmail\\n'\n[ \"$*\" = \"list --quiet\" ] && echo other\n"
	if err := os.WriteFile(fake, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"start", "state", "exec", "kill", "delete", "pause", "resume", "update", "events", "ps"} {
		if got := shells.Bash(t, fake, "--root", "/some where", command, "we"); !slices.Equal(got, []string{"web", "webdb"}) {
			t.Errorf("%s below another root: %q", command, got)
		}
		if got := shells.Bash(t, fake, command, ""); !slices.Equal(got, []string{"other"}) {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := shells.Bash(t, fake, "state", "web", ""); got != nil {
		t.Errorf("a second id for state: %q", got)
	}
}

func TestEveryShellKnowsTheSameSignalsAndCreelTakesThem(t *testing.T) {
	names := shells.Bash(t, "creel", "kill", "web", "")
	if len(names) != 31 {
		t.Errorf("%d signals: %q", len(names), names)
	}
	seen := map[int]string{}
	for _, n := range names {
		sig, err := parseSignal(n)
		if err != nil || seen[int(sig)] != "" {
			t.Errorf("%s: %d, as %q, %v", n, sig, seen[int(sig)], err)
		}
		seen[int(sig)] = n
	}
	for _, file := range []string{"_creel", "creel.fish"} {
		if text := strings.Join(strings.Fields(read(t, completions+file)), " "); !strings.Contains(text, strings.Join(names, " ")) {
			t.Errorf("%s has other signals than %q", file, names)
		}
	}
}
