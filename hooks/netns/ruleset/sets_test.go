package ruleset

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/creel-project/creel/hooks/netns/port"
)

func TestAnIntervalEndsBehindItsSubnet(t *testing.T) {
	for subnet, end := range map[string]string{
		"10.0.0.1/24": "10.0.1.0", "172.19.0.1/16": "172.20.0.0", "10.0.0.252/30": "10.0.1.0", "192.168.255.1/24": "192.169.0.0",
		"fd07::1/64": "fd07:0:0:1::", "fd07:ffff:ffff:ffff::/64": "fd08::",
	} {
		e := interval(netip.MustParsePrefix(subnet))
		want := netip.MustParseAddr(end).AsSlice()
		if len(e) != 2 || e[0].IntervalEnd || !e[1].IntervalEnd || !bytes.Equal(e[1].Key, want) {
			t.Errorf("%s: %v, want %v", subnet, e, want)
		}
	}
}

func TestPortsStandInTheMapsOfTheirFamilies(t *testing.T) {
	c := Published{Address: netip.MustParseAddr("10.0.0.2")}
	for _, text := range []string{"1:2", "127.0.0.1:3:4/udp", "[::]:5:6", "[2001:db8::1]:7:8/sctp"} {
		m, err := port.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Ports = append(c.Ports, m)
	}
	var p ports
	p.add(c)
	if len(p.any4) != 1 || len(p.at4) != 1 || len(p.any6) != 0 || len(p.at6) != 0 {
		t.Errorf("without IPv6: %+v", p)
	}
	if want := []byte{127, 0, 0, 1, 17, 0, 0, 0, 0, 3, 0, 0}; !bytes.Equal(p.at4[0].Key, want) || !bytes.Equal(p.at4[0].Val, []byte{10, 0, 0, 2, 0, 4, 0, 0}) {
		t.Errorf("the key is %v, want %v; the value %v", p.at4[0].Key, want, p.at4[0].Val)
	}
	c.Address6 = netip.MustParseAddr("fd00::2")
	p = ports{}
	p.add(c)
	if len(p.any6) != 2 || len(p.at6) != 1 || len(p.at6[0].Key) != 24 || len(p.at6[0].Val) != 20 {
		t.Errorf("with IPv6: %+v", p)
	}
}

func TestEachPortOfARangeHasItsElement(t *testing.T) {
	m, err := port.Parse("256-258:80-82")
	if err != nil {
		t.Fatal(err)
	}
	var p ports
	p.add(Published{Address: netip.MustParseAddr("10.0.0.2"), Ports: []port.Mapping{m}})
	if len(p.any4) != 3 {
		t.Fatalf("%d elements", len(p.any4))
	}
	for i, e := range p.any4 {
		if want := []byte{6, 0, 0, 0, 1, byte(i), 0, 0}; !bytes.Equal(e.Key, want) || !bytes.Equal(e.Val, []byte{10, 0, 0, 2, 0, byte(80 + i), 0, 0}) {
			t.Errorf("%d: the key is %v, the value %v", i, e.Key, e.Val)
		}
	}
}
