package ipam

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestTheBridgeHasTheFirstAddressUnlessOneIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"172.19.0.0/16": "172.19.0.1/16",
		"172.19.3.7/16": "172.19.3.7/16",
		"10.0.0.0/30":   "10.0.0.1/30",
		"fd00:1::/64":   "fd00:1::1/64",
	} {
		if p, err := Parse(text); err != nil || p.String() != want {
			t.Errorf("%s: %s, %v; want %s", text, p, err, want)
		}
	}
}

func TestWhatIsNoSubnetIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "is no subnet",
		"172.19.0.0":         "is no subnet",
		"172.19.0.0/33":      "is no subnet",
		"172.19.0/16":        "is no subnet",
		"::ffff:10.0.0.0/24": "has no room", // netip refuses or we do
		"10.0.0.0/31":        "has no room",
		"10.0.0.0/32":        "has no room",
		"fd00::/127":         "has no room",
		"0.0.0.0/0":          "is no subnet for containers",
		"224.0.0.0/8":        "is no subnet for containers",
		"127.0.0.0/8":        "is no subnet for containers",
		"10.0.0.255/24":      "broadcast",
	} {
		if p, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) && text != "::ffff:10.0.0.0/24" {
			t.Errorf("%q: %s, %v; want %q", text, p, err, want)
		}
	}
}

func TestEveryAddressIsGivenOnceAndThenTheSubnetIsExhausted(t *testing.T) {
	for _, bridge := range []string{"10.0.0.1/24", "10.0.0.99/24", "fd00::1/120"} {
		p := netip.MustParsePrefix(bridge)
		taken, after := map[netip.Addr]bool{}, netip.Addr{}
		for range 253 {
			a, err := Next(p, after, taken)
			if err != nil || taken[a] || Check(p, a) != nil {
				t.Fatalf("%s: after %d addresses %s: %v, %v", p, len(taken), a, err, Check(p, a))
			}
			taken[a], after = true, a
		}
		if a, err := Next(p, after, taken); !errors.Is(err, ErrExhausted) {
			t.Errorf("%s: one more is %s, %v", p, a, err)
		}
		free := netip.MustParseAddr("10.0.0.50")
		if p.Addr().Is6() {
			free = netip.MustParseAddr("fd00::50")
		}
		delete(taken, free)
		if a, err := Next(p, after, taken); err != nil || a != free {
			t.Errorf("%s: the free one is %s, got %s, %v", p, free, a, err)
		}
	}
}

func TestAnAddressIsNotGivenAgainSoon(t *testing.T) {
	p := netip.MustParsePrefix("10.0.0.1/24")
	a, err := Next(p, netip.MustParseAddr("10.0.0.7"), nil)
	if err != nil || a.String() != "10.0.0.8" {
		t.Errorf("%s, %v", a, err)
	}
	if a, err = Next(p, netip.MustParseAddr("10.0.0.254"), nil); err != nil || a.String() != "10.0.0.2" {
		t.Errorf("%s, %v", a, err)
	}
}

func TestAddressesThatNoContainerCanHaveAreRefused(t *testing.T) {
	p := netip.MustParsePrefix("10.0.0.1/24")
	for text, want := range map[string]string{
		"10.0.1.2": "not in the subnet", "fd00::2": "not in the subnet",
		"10.0.0.1": "of the bridge", "10.0.0.0": "no address of a host", "10.0.0.255": "no address of a host",
	} {
		if err := Check(p, netip.MustParseAddr(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := Check(p, netip.MustParseAddr("10.0.0.200")); err != nil {
		t.Error(err)
	}
}

func TestTheSubnetThatIsChosenOverlapsWithNoRoute(t *testing.T) {
	var others []netip.Prefix
	for _, o := range []string{"0.0.0.0/0", "172.16.0.0/14", "172.20.5.0/24", "172.21.0.1/32"} {
		others = append(others, netip.MustParsePrefix(o))
	}
	if p, err := Choose(others); err != nil || p.String() != "172.22.0.1/16" {
		t.Errorf("%s, %v", p, err)
	}
	others = append(others, netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("10.0.0.0/8"))
	if p, err := Choose(others); err != nil || p.String() != "192.168.0.1/20" {
		t.Errorf("%s, %v", p, err)
	}
	if p, err := Choose(append(others, netip.MustParsePrefix("192.168.1.0/24"))); err == nil {
		t.Errorf("%s", p)
	}
	if p := Local([5]byte{1, 2, 3, 4, 5}); p.String() != "fd01:203:405::1/64" {
		t.Errorf("%s", p)
	}
}
