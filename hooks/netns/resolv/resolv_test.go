package resolv

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatCannotStandInAFileIsRefused(t *testing.T) {
	right := Conf{Servers: []string{"192.0.2.1", "2001:db8::1", "fe80::1%eth0"}, Search: []string{"a.test", "."}, Options: []string{"ndots:1", "edns0"}}
	if err := errors.Join(right.Check(), CheckNames([]string{"web", "web.test"})); err != nil {
		t.Error(err)
	}
	wrong := func(flag, text string, err error) {
		if err == nil || !strings.HasPrefix(err.Error(), flag+": ") {
			t.Errorf("%s %q: %v", flag, text, err)
		}
	}
	for _, s := range []string{"", "a b", "a\nnameserver 192.0.2.2", "#a"} {
		wrong("--dns", s, Conf{Servers: []string{s}}.Check())
		wrong("--dns-search", s, Conf{Search: []string{s}}.Check())
		wrong("--dns-option", s, Conf{Options: []string{s}}.Check())
		wrong("--hostname", s, CheckNames([]string{s}))
	}
	wrong("--dns", "name", Conf{Servers: []string{"name"}}.Check())
}

func TestTheHostsServersAreThoseThatAContainerReaches(t *testing.T) {
	dir := t.TempDir()
	file, upstream := filepath.Join(dir, "resolv.conf"), filepath.Join(dir, "upstream")
	for _, f := range []struct{ name, text string }{
		{file, "# nameserver 192.0.2.9\n;nameserver 192.0.2.8\nnameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\nsearch old.test\n" +
			"domain a.test b.test\n\tsearch a.test b.test\noptions edns0\noptions ndots:2\nnameserver\nsortlist 10.0.0.0\n"},
		{upstream, "nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch upstream.test\n"},
	} {
		if err := os.WriteFile(f.name, []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const rest = "search a.test b.test\n%soptions edns0 ndots:2\n"
	for servers, got := range map[string]Conf{
		"nameserver 192.0.2.1\nnameserver 2001:db8::1\n": host(file, upstream, true),
		"nameserver 192.0.2.1\n":                         host(file, upstream, false),
		"":                                               host(file, filepath.Join(dir, "none"), true),
	} {
		if want := strings.Replace(rest, "%s", servers, 1); got.Text() != want {
			t.Errorf("got %q, want %q", got.Text(), want)
		}
	}
	if c := host(filepath.Join(dir, "none"), filepath.Join(dir, "none"), true); c.Text() != "" {
		t.Errorf("without any file: %q", c.Text())
	}
	own := Conf{Servers: []string{"192.0.2.3"}, Options: []string{"rotate"}}.Or(host(file, upstream, true))
	if want := "search a.test b.test\nnameserver 192.0.2.3\noptions rotate\n"; own.Text() != want {
		t.Errorf("got %q, want %q", own.Text(), want)
	}
}

func TestAContainersHostsAreItselfAndItsLoopback(t *testing.T) {
	p := Place{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2"), {}, netip.MustParseAddr("fd00::2")}, Gateways: []netip.Addr{netip.MustParseAddr("10.0.0.1"), {}}}
	var others []Entry
	for _, text := range []string{"db:10.0.0.7", "six:fd00::7", "brackets:[fd00::8]", "up:host-gateway"} {
		e, err := ParseEntry(text)
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, e)
	}
	got := p.Hosts([]string{"web.test", "web"}, others)
	if !strings.HasPrefix(got, "127.0.0.1\tlocalhost\n::1\tlocalhost ") ||
		!strings.HasSuffix(got, "\n10.0.0.7\tdb\nfd00::7\tsix\nfd00::8\tbrackets\n10.0.0.1\tup\n10.0.0.2\tweb.test web\nfd00::2\tweb.test web\n") {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"db", ":10.0.0.1", "a b:10.0.0.1", "db:name", "db:", "db:[fd00::1"} {
		if e, err := ParseEntry(text); err == nil {
			t.Errorf("%q: %v", text, e)
		}
	}
}

func TestAFileIsWrittenOverInItsPlace(t *testing.T) {
	bundle := t.TempDir()
	path := filepath.Join(bundle, "resolv.conf")
	if err := os.WriteFile(path, []byte(strings.Repeat("old ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := Write(bundle, "resolv.conf", "nameserver 192.0.2.1\n"); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(path)
	if text, _ := os.ReadFile(path); string(text) != "nameserver 192.0.2.1\n" || !os.SameFile(before, after) {
		t.Errorf("%q, the same file: %v", text, os.SameFile(before, after))
	}
}

func TestNothingOutsideTheBundleIsWritten(t *testing.T) {
	bundle := t.TempDir()
	for name, target := range map[string]string{"absolute": "/etc/passwd", "up": "../x", "dir": "/tmp"} {
		if err := os.Symlink(target, filepath.Join(bundle, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(bundle, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{"absolute": unix.ELOOP, "up": unix.ELOOP, "dir/x": unix.ELOOP, "../x": unix.EXDEV, "fifo": unix.ENXIO} {
		if err := Write(bundle, path, "x"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if err := Write(bundle, filepath.Join(bundle, "up"), "x"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("an absolute path whose last step is a link: %v", err)
	}
}
