package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/completion"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// declared lists the flags of a command as users type them, sorted.
func declared(f *flags) []string {
	list := []string{"--help", "-h"}
	for _, d := range f.docs {
		for _, n := range d.names {
			switch {
			case d.hidden:
			case len(n) == 1:
				list = append(list, "-"+n)
			default:
				list = append(list, "--"+n)
			}
		}
	}
	slices.Sort(list)
	return list
}

// flagsOf maps each command to its flags, and "" to the global ones.
func flagsOf() map[string][]string {
	all := map[string][]string{"": declared(globalFlags())}
	for _, c := range (&program{}).commands() {
		f := newFlags(c.name)
		if c.flags != nil {
			c.flags(f)
		}
		all[c.name] = declared(f)
	}
	return all
}

// documented finds the flags that a man page has paragraphs for.
func documented(page string) []string {
	page = strings.ReplaceAll(page, `\-`, "-")
	var list []string
	for _, tag := range regexp.MustCompile(`(?m)^\.TP\n(.*)$`).FindAllStringSubmatch(page, -1) {
		for _, m := range regexp.MustCompile(`(?:^|[ "])(--?[a-z][a-z0-9-]*)`).FindAllStringSubmatch(tag[1], -1) {
			list = append(list, m[1])
		}
	}
	return list
}

func manPage(command string) string {
	name := "creel"
	if command != "" {
		name += "-" + command
	}
	return "../../docs/man/" + name + ".8"
}

func TestEveryFlagHasItsPlaceInTheManPageAndNoOtherHas(t *testing.T) {
	for command, flags := range flagsOf() {
		completion.Differences(t, filepath.Base(manPage(command)), documented(read(t, manPage(command))), flags)
	}
}

func TestEveryCommandHasAManPageThatTheMainOneNames(t *testing.T) {
	all := flagsOf()
	pages, err := filepath.Glob("../../docs/man/*.8")
	pages = slices.DeleteFunc(pages, func(page string) bool { // programs of their own
		name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(page), "creel-"), ".")
		name, _, _ = strings.Cut(name, "-")
		return siblingNamed(name) != nil
	})
	if err != nil || len(pages) != len(all) {
		t.Errorf("%d pages for creel and its %d commands: %q, %v", len(pages), len(all)-1, pages, err)
	}
	main := read(t, manPage(""))
	for command := range all {
		text := read(t, manPage(command))
		title := strings.ToUpper(strings.TrimSuffix(filepath.Base(manPage(command)), ".8"))
		if !strings.HasPrefix(text, ".TH "+title+" 8 ") {
			t.Errorf("%s does not begin with its title %s", manPage(command), title)
		}
		if command == "" {
			continue
		}
		if tag := ".TP\n.BR creel-" + command + " (8)\n"; !strings.Contains(main, tag) {
			t.Errorf("creel.8 does not list %s", command)
		}
		for _, section := range []string{"NAME\ncreel-" + command + ` \- `, "SYNOPSIS\n.B creel " + command + "\n", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO\n.BR creel (8)"} {
			if !strings.Contains(text, "\n.SH "+section) {
				t.Errorf("creel-%s.8 has no section %q", command, section)
			}
		}
	}
}

func TestManPagesReferToPagesThatAreThere(t *testing.T) {
	for command := range flagsOf() {
		for _, m := range regexp.MustCompile(`(?m)^\.BR (creel[a-z-]*) \(8\)`).FindAllStringSubmatch(read(t, manPage(command)), -1) {
			if _, err := os.Stat("../../docs/man/" + m[1] + ".8"); err != nil {
				t.Errorf("%s: %v", manPage(command), err)
			}
		}
	}
}
