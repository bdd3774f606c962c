package mapping

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/report"
)

// resolverOf is what a row with --network makes of the resolver: the flags of its hook behind its own, the mount, and what
// the report says of Docker's file.
func resolverOf(t *testing.T, patch string, with func(*Options)) (flags, mount string, fate report.Entry) {
	t.Helper()
	d, s, notes, err := row{patch: patch, with: with}.make(t)
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Build(d.Fields, notes, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Fields {
		if e.Field == "ResolvConfPath" {
			fate = e
		}
	}
	if s.Hooks != nil {
		flags = strings.Join(s.Hooks.CreateRuntime[0].Args[2:], " ")
	}
	return flags, find(t, s, "mounts?destination=/etc/resolv.conf"), fate
}

func TestTheHookWritesNameServersWhereDockersFileCannotServe(t *testing.T) {
	const own = `{"destination":"/etc/resolv.conf","options":["rbind","rprivate"],"source":"resolv.conf","type":"bind"}`
	const web = " --hostname web"
	missing := func(o *Options) { by("netns")(o); o.Lookup = fake{missing: true} }
	dns := func(o *Options) { by("netns")(o); o.Network.DNS = []string{"192.0.2.1", "192.0.2.2"} }
	for name, tt := range map[string]struct {
		patch string
		with  func(*Options)
		flags string
		fate  report.Fate
		why   string
	}{
		"a network that people made": {`{"ResolvConfPath":"/docker","HostConfig":{"NetworkMode":"lab"}}`, by("netns"), "--host-dns" + web, report.Lost, "127.0.0.11"},
		"one more beside Docker's":   {`{"ResolvConfPath":"/docker"}`, by("netns"), "--host-dns" + web, report.Lost, "127.0.0.11"},
		"what was asked for": {`{"ResolvConfPath":"/docker","HostConfig":{"NetworkMode":"lab","Dns":["9.9.9.9","2620:fe::fe"],"DnsSearch":["a.test"],"DnsOptions":["ndots:2"]}}`, by("netns"),
			"--host-dns --dns 9.9.9.9 --dns 2620:fe::fe --dns-search a.test --dns-option ndots:2" + web, report.Lost, "127.0.0.11"},
		"a host's resolver":      {`{"ResolvConfPath":"/systemd"}`, by("netns"), "--host-dns" + web, report.Mapped, "it names no server that is reached"},
		"another machine":        {`{"ResolvConfPath":"/gone","HostConfig":{"Dns":["9.9.9.9"]}}`, missing, "--host-dns --dns 9.9.9.9" + web, report.Mapped, "it is not on this machine"},
		"a network there":        {`{"ResolvConfPath":"/gone","HostConfig":{"NetworkMode":"lab"}}`, missing, "--host-dns" + web, report.Lost, "127.0.0.11"},
		"--dns":                  {`{"ResolvConfPath":"/r","HostConfig":{"Dns":["9.9.9.9"],"DnsSearch":["a.test"]}}`, dns, "--host-dns --dns 192.0.2.1 --dns 192.0.2.2 --dns-search a.test" + web, report.Mapped, "--dns is in its place"},
		"plugins of CNI as well": {`{"ResolvConfPath":"/docker"}`, by("cni"), "--cni lab --host-dns" + web, report.Lost, "127.0.0.11"},
	} {
		flags, mount, fate := resolverOf(t, tt.patch, tt.with)
		if flags != tt.flags || mount != own || fate.Fate != tt.fate || !strings.Contains(fate.Why, tt.why) {
			t.Errorf("%s: the flags are %q, want %q; the mount is %s; the file is %s: %q", name, flags, tt.flags, mount, fate.Fate, fate.Why)
		}
	}
}

func TestDockersFileOfNameServersStaysWhereItServes(t *testing.T) {
	for name, tt := range map[string]struct {
		patch string
		with  func(*Options)
		mount string
	}{
		"a file with a server that is reached": {`{"ResolvConfPath":"/r"}`, by("netns"), `"source":"/r"`},
		"a mount of the container's own": {`{"ResolvConfPath":"/docker","Mounts":[{"Type":"bind","Source":"/s","Destination":"/etc/resolv.conf","RW":true}]}`, by("netns"),
			`"source":"/s"`},
		"no network at all":             {`{"ResolvConfPath":"/docker"}`, by("none"), `"source":"/docker"`},
		"the host's, with its resolver": {`{"ResolvConfPath":"/systemd"}`, by("host"), `"source":"/systemd"`},
	} {
		flags, mount, fate := resolverOf(t, tt.patch, tt.with)
		if strings.Contains(flags, "--host-dns") || !strings.Contains(mount, tt.mount) || fate.Fate != report.Mapped {
			t.Errorf("%s: the flags are %q, the mount is %s, the file is %s", name, flags, mount, fate.Fate)
		}
	}
	_, mount, fate := resolverOf(t, `{"ResolvConfPath":"/docker"}`, by("host"))
	if !strings.Contains(mount, `"source":"/etc/resolv.conf"`) || !strings.Contains(mount, `"ro"`) || fate.Fate != report.Lost {
		t.Errorf("in the host's network there is %s, Docker's file is %s", mount, fate.Fate)
	}
}

func TestTheHookWritesTheContainersNamesWithTheAddressThatItGets(t *testing.T) {
	rows(t, []row{
		{"its name, domain, and more hosts", `{"HostsPath":"/h","Config":{"Domainname":"example.test"},"HostConfig":{"ExtraHosts":["db:10.0.0.2","up:host-gateway"]}}`, "hooks/createRuntime",
			`[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--hostname","web.example.test","--hostname","web","--add-host","db:10.0.0.2","--add-host","up:host-gateway"]}]`, by("netns")},
		{"the bundle's file", `{"HostsPath":"/h","HostConfig":{"ReadonlyRootfs":true}}`, "mounts?destination=/etc/hosts",
			`{"destination":"/etc/hosts","type":"bind","source":"hosts","options":["rbind","rprivate","ro"]}`, by("netns")},
		{"Docker's, where no hook is", `{"HostsPath":"/h"}`, "mounts?destination=/etc/hosts",
			`{"destination":"/etc/hosts","type":"bind","source":"/h","options":["rbind","rprivate"]}`, by("none")},
		{"a mount of the container's own", `{"Mounts":[{"Type":"bind","Source":"/s","Destination":"/etc/hosts","RW":true}]}`, "hooks/createRuntime",
			`[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook"]}]`, by("netns")},
	})
	d, s, notes, err := row{patch: `{"HostConfig":{"ExtraHosts":["db","up:10.0.0.1"]}}`, with: by("netns")}.make(t)
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Build(d.Fields, notes, s)
	if err != nil || len(r.Lost()) != 1 || r.Lost()[0].Field != "HostConfig.ExtraHosts[0]" {
		t.Errorf("lost: %v, %v", r.Lost(), err)
	}
}
