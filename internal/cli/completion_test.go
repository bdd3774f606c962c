package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const completions = "../../contrib/completions/"

// complete asks the bash completion what it offers for the last of the words.
func complete(t *testing.T, words ...string) []string {
	t.Helper()
	script := `source ` + completions + `creel.bash
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _creel; printf '%s\n' "${COMPREPLY[@]}"`
	cmd := exec.Command("bash", append([]string{"-c", script, "bash"}, words...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%q: %v %s", words, err, stderr.String())
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(got) == 1 && got[0] == "" {
		return nil
	}
	slices.Sort(got)
	return got
}

func TestBashCompletesEveryFlagOfEveryCommandAndNoOther(t *testing.T) {
	commands := []string{"help"}
	for command, flags := range flagsOf() {
		words := []string{"creel", "-"}
		if command != "" {
			words = []string{"creel", command, "-"}
			commands = append(commands, command)
		}
		differences(t, "bash: "+command, complete(t, words...), flags)
	}
	differences(t, "bash: commands", complete(t, "creel", ""), commands)
}

func TestBashCompletesWhatAFlagTakes(t *testing.T) {
	for line, want := range map[string]string{
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
	} {
		if got := complete(t, strings.Split(line, " ")...); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q completes to %q, want %q", line, got, want)
		}
	}
}

func TestBashCompletesFilesWithSpacesInTheirNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/a bundle", 0o755); err != nil {
		t.Fatal(err)
	}
	if got := complete(t, "creel", "run", "--bundle", dir+"/a"); !slices.Equal(got, []string{dir + "/a bundle"}) {
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
		if got := complete(t, fake, "--root", "/some where", command, "we"); !slices.Equal(got, []string{"web", "webdb"}) {
			t.Errorf("%s below another root: %q", command, got)
		}
		if got := complete(t, fake, command, ""); !slices.Equal(got, []string{"other"}) {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := complete(t, fake, "state", "web", ""); got != nil {
		t.Errorf("a second id for state: %q", got)
	}
}

// spread brings zsh's {-a,--all} and fish's -s a -l all into one form.
func spread(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?:^|[ ({,'*])(--?[a-z][a-z0-9-]*)`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

func TestZshCompletesEveryFlagOfEveryCommandAndNoOther(t *testing.T) {
	text := read(t, completions+"_creel")
	part := func(from, to string) string {
		_, rest, ok := strings.Cut(text, from)
		body, _, found := strings.Cut(rest, to)
		if !ok || !found {
			t.Fatalf("nothing between %q and %q", from, to)
		}
		return body
	}
	help := part("help=(", ")\n")
	lists := strings.NewReplacer("$make", part("make=(", "\n\t)")+help, "$help", help)
	// words in descriptions and in lists of mutual exclusion are not flags
	strip := regexp.MustCompile(`\[[^]]*\]|'\([^)]*\)'`)
	for command, flags := range flagsOf() {
		from, to := "_arguments -C", "'1:command"
		if command != "" {
			from, to = "\t\t"+command+") _arguments", ";;"
		}
		differences(t, "zsh: "+command, spread(strip.ReplaceAllString(lists.Replace(part(from, to)), " ")), flags)
		if command != "" && !strings.Contains(part("commands=(", "\n\t)"), "'"+command+":") {
			t.Errorf("zsh does not complete %s", command)
		}
	}
}

func TestFishCompletesEveryFlagOfEveryCommandAndNoOther(t *testing.T) {
	got, loop := map[string][]string{}, ""
	for line := range strings.Lines(read(t, completions+"creel.fish")) {
		line = strings.TrimSpace(line)
		if in, ok := strings.CutPrefix(line, "for c in "); ok {
			loop = in
		} else if line == "end" {
			loop = ""
		}
		if !strings.HasPrefix(line, "complete ") {
			continue
		}
		where := []string{""}
		if m := regexp.MustCompile(`__fish_seen_subcommand_from ([a-z ]+|\$c)["']`).FindStringSubmatch(line); m != nil {
			where = strings.Fields(strings.ReplaceAll(m[1], "$c", loop))
		} else if strings.HasPrefix(line, "complete -c creel -s h -l help") {
			where = nil
			for command := range flagsOf() {
				where = append(where, command)
			}
		}
		for _, m := range regexp.MustCompile(` -([sl]) ([a-z][a-z0-9-]*)`).FindAllStringSubmatch(line, -1) {
			for _, command := range where {
				got[command] = append(got[command], map[string]string{"s": "-", "l": "--"}[m[1]]+m[2])
			}
		}
	}
	for command, flags := range flagsOf() {
		differences(t, "fish: "+command, got[command], flags)
		if command != "" && !strings.Contains(read(t, completions+"creel.fish"), "-n $none -a "+command+" -d") {
			t.Errorf("fish does not complete %s", command)
		}
	}
}

func TestEveryShellKnowsTheSameSignalsAndCreelTakesThem(t *testing.T) {
	names := complete(t, "creel", "kill", "web", "")
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
