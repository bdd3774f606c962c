package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/tests/completion"
)

var shells = completion.Of("creel-netns", "../../../contrib/completions", completion.FlagsOf(commands()))

func TestShellsCompleteEveryFlagOfEveryCommandAndNoOther(t *testing.T) { shells.Compare(t) }

func TestBashCompletesWhatAFlagTakes(t *testing.T) {
	shells.Offers(t, map[string]string{
		"creel-netns in":                      "inspect",
		"creel-netns help re":                 "release",
		"creel-netns hook --firewall ":        "auto own",
		"creel-netns hook --firewall = o":     "own",
		"creel-netns create --subnet6 ":       "auto none",
		"creel-netns create --isolate = f":    "false",
		"creel-netns create --isolate --mt":   "--mtu",
		"creel-netns hook --mtu ":             "",
		"creel-netns hook --mtu 1500 --no-":   "--no-route",
		"creel-netns hook -p 80 : 80 --ma":    "--mac",
		"creel-netns create ":                 "",
		"creel-netns release --iface eth0 --": "--force --help --iface --state-dir",
	})
}

func TestBashCompletesBridgesAndContainersOfTheStateOfTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	for where, names := range map[string][]string{"usual": {"creel0", "br1", "web", "db"}, "other": {"br2", "br3", "mail", "news"}} {
		var b bytes.Buffer
		err := table(&b, &record.State{
			Networks:  []*record.Network{{Bridge: names[0]}, {Bridge: names[1]}},
			Endpoints: []*record.Endpoint{{ID: names[2], Bridge: names[0]}, {ID: names[3], Bridge: names[0]}},
		})
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, where), b.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fake := filepath.Join(dir, "creel-netns")
	script := "#!/bin/sh\ncase \"$*\" in\nls) cat " + dir + "/usual ;;\n'ls --state-dir /some where') cat " + dir + "/other ;;\nesac\n"
	if err := os.WriteFile(fake, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	shells.Completes(t, fake, []struct{ Words, Want []string }{
		{[]string{"rm", ""}, []string{"br1", "creel0"}},
		{[]string{"hook", "--bridge", "c"}, []string{"creel0"}},
		{[]string{"release", ""}, []string{"db", "web"}},
		{[]string{"inspect", ""}, []string{"br1", "creel0", "db", "web"}},
		{[]string{"inspect", "web", ""}, nil},
		{[]string{"rm", "--state-dir", "/some where", ""}, []string{"br2", "br3"}},
		{[]string{"release", "--state-dir", "=", "/some where", ""}, []string{"mail", "news"}},
	})
}
