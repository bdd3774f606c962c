package apparmor

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// own is the profile that creel comes with, and installed where it looks for creel.
const own, installed = "../../../contrib/apparmor/creel", "/usr/local/bin/creel"

// install installs creel and its own profile until the test ends.
func install(h *harness.H) {
	h.Helper()
	h.Host("install -m 755 " + harness.Program() + " " + installed)
	h.Host("apparmor_parser --replace --skip-cache " + own)
	h.Cleanup(func() { h.Host("apparmor_parser --remove " + own + " && rm " + installed) })
}

// run runs a bundle with the installed creel, after words like those of setpriv(1).
func run(h *harness.H, bundle string, words ...string) harness.Result {
	h.Helper()
	return h.Go(func(c *exec.Cmd) {
		c.Args = append(words, append([]string{installed}, c.Args[1:]...)...)
		c.Path, c.Err = exec.LookPath(c.Args[0])
	}, "run", "--bundle", bundle, h.ID()).Result()
}

func TestTheOwnProfileOfCreelIsReadWithoutWarnings(t *testing.T) {
	h := harness.New(t)
	if out := h.Host("apparmor_parser --skip-kernel-load --skip-cache --warn=all --Werror " + own); out != "" {
		t.Error(out)
	}
}

func TestCreelIsKnownByItsOwnProfileAndNotConfined(t *testing.T) {
	h := harness.New(t)
	install(h)
	b := h.Bundle(root(h, "rootfs"), harness.Script("cat /proc/self/attr/apparmor/current /etc/secret"))
	if got := h.Ok(run(h, b)).Stdout; got != "creel (unconfined)\nsecret" {
		t.Errorf("got %q", got)
	}
}

func TestAnOrdinaryUsersContainerIsMadeUnderTheOwnProfile(t *testing.T) {
	h := harness.New(t)
	install(h)
	dir := h.Path("user")
	h.Host("install -d -o 1000 -g 1000 " + dir)
	h.Root = dir + "/state"
	user := []string{"setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--"}
	h.Host("cd " + dir + " && " + strings.Join(append(user, installed), " ") + " spec --rootless")
	h.Host(`sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"cat", "\/proc\/self\/attr\/apparmor\/current", "\/proc\/self\/uid_map"/; ` +
		`s,"path": "rootfs","path": "` + harness.Default().Root.Path + `",' ` + dir + "/config.json")
	got := strings.Join(strings.Fields(h.Ok(run(h, dir, user...)).Stdout), " ")
	if got != "creel (unconfined) 0 1000 1" {
		t.Errorf("got %q", got)
	}
}

func TestUnderTheOwnProfileContainersGetTheProfileOfTheirConfig(t *testing.T) {
	h := harness.New(t)
	install(h)
	load(h)
	for name, denied := range map[string]bool{"with noNewPrivileges": true, "without": false} {
		b := h.Bundle(root(h, name), profile("creel-test"), harness.Script(script+"; true"), noNewPrivileges(denied))
		if got := strings.TrimSpace(h.Ok(run(h, b)).Stdout); got != confined {
			t.Errorf("%s: %q", name, got)
		}
	}
}
