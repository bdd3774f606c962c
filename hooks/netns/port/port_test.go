package port

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestMappingsAreRead(t *testing.T) {
	tests := map[string]Mapping{
		"8080:80":                   {HostPort: 8080, Port: 80, Proto: "tcp"},
		"53:5353/udp":               {HostPort: 53, Port: 5353, Proto: "udp"},
		"127.0.0.1:8080:80/tcp":     {Host: netip.MustParseAddr("127.0.0.1"), HostPort: 8080, Port: 80, Proto: "tcp"},
		"0.0.0.0:1:65535/sctp":      {Host: netip.MustParseAddr("0.0.0.0"), HostPort: 1, Port: 65535, Proto: "sctp"},
		"[2001:db8::1]:8080:80/tcp": {Host: netip.MustParseAddr("2001:db8::1"), HostPort: 8080, Port: 80, Proto: "tcp"},
		"[::1]:8080:80":             {Host: netip.MustParseAddr("::1"), HostPort: 8080, Port: 80, Proto: "tcp"},
		"8000-8010:80-90":           {HostPort: 8000, Port: 80, More: 10, Proto: "tcp"},
		"127.0.0.1:1-65535:1-65535": {Host: netip.MustParseAddr("127.0.0.1"), HostPort: 1, Port: 1, More: 65534, Proto: "tcp"},
		"7-7:8/udp":                 {HostPort: 7, Port: 8, Proto: "udp"},
		"[::]:8080:80/tcp":          {Host: netip.MustParseAddr("::"), HostPort: 8080, Port: 80, Proto: "tcp"},
	}
	for text, want := range tests {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestWhatIsNoMappingIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "no colon",
		"80":                         "no colon",
		"8080:80/":                   "none of the protocols",
		"8080:80/icmp":               "none of the protocols",
		"8080:80/tcp/udp":            "none of the protocols",
		"0:80":                       `"0" is no port`,
		"8080:65536":                 `"65536" is no port`,
		"8080:-1":                    `"-1" is no port`,
		":80":                        `"" is no port`,
		":8080:80":                   `"" is no address`,
		"localhost:8080:80":          `"localhost" is no address`,
		"127.0.0.1:80":               `"127.0.0.1" is no port`,
		"::1:8080:80":                "is no address",
		"8000-8010:80-89":            "8000-8010 are 11 ports of the host, and 80-89 are 10 of the container",
		"8000-8010:80":               "8000-8010 are 11 ports of the host, and 80 are 1 of the container",
		"8010-8000:80-90":            `"8010-8000" is no range of ports: it ends before it begins`,
		"65530-65540:80-90":          `"65530-65540" is no port`,
		"1-2-3:1-2":                  `"1-2-3" is no port`,
		"-5:80":                      `"-5" is no port`,
		"[192.0.2.1]:8080:80":        "is no address",
		"[fe80::1%eth0]:8080:80":     "is no address",
		"[::ffff:192.0.2.1]:8080:80": "is no address",
		"[2001:db8::1:8080:80":       "is no address",
	} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, got, err, want)
		}
	}
}

func TestMappingsConflictIfAConnectionCouldBeMeantForBoth(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"8080:80", "8080:81", true},
		{"8080:80", "8081:80", false},
		{"8080:80", "8080:80/udp", false},
		{"8080:80", "127.0.0.1:8080:80", true},
		{"8080:80", "[2001:db8::1]:8080:80", true},
		{"0.0.0.0:8080:80", "[::]:8080:80", false},
		{"0.0.0.0:8080:80", "192.0.2.1:8080:80", true},
		{"192.0.2.2:8080:80", "192.0.2.1:8080:80", false},
		{"8000-8010:80-90", "8010:80", true},
		{"8000-8010:80-90", "8011:80", false},
		{"8000-8010:80-90", "7999:80", false},
		{"8000-8010:80-90", "7990-8000:80-90", true},
		{"8000-8010:80-90", "8002-8004:80-82", true},
		{"8000-8010:80-90", "8002-8004:80-82/udp", false},
		{"60000-65535:60000-65535", "1-59999:1-59999", false},
		{"[::1]:8080:80", "127.0.0.1:8080:80", false},
	} {
		a, errA := Parse(tt.a)
		b, errB := Parse(tt.b)
		if errA != nil || errB != nil || a.Conflicts(b) != tt.want || b.Conflicts(a) != tt.want {
			t.Errorf("%s and %s: want %v; %v, %v", tt.a, tt.b, tt.want, errA, errB)
		}
	}
}

func TestAPortThatAProcessOfTheHostHasIsFound(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	m := Mapping{Host: netip.MustParseAddr("127.0.0.1"), HostPort: uint16(l.Addr().(*net.TCPAddr).Port), Port: 80, Proto: "tcp"}
	if err := m.Probe(); err == nil || !strings.HasSuffix(err.Error(), "address already in use") {
		t.Errorf("%s: %v", m, err)
	}
	m.Host = netip.Addr{}
	if err := m.Probe(); err == nil || !strings.HasSuffix(err.Error(), "address already in use") {
		t.Errorf("%s: %v", m, err)
	}
	m.Proto = "sctp"
	if err := m.Probe(); err != nil {
		t.Errorf("%s: %v", m, err)
	}
	m = Mapping{Host: netip.MustParseAddr("192.0.2.77"), HostPort: 80, Port: 80, Proto: "tcp"}
	if err := m.Probe(); err == nil || !strings.Contains(err.Error(), "does not have the address 192.0.2.77") {
		t.Errorf("%s: %v", m, err)
	}
}

func TestTheFirstPortOfARangeThatAProcessHasIsFound(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	has := uint16(l.Addr().(*net.TCPAddr).Port)
	m := Mapping{Host: netip.MustParseAddr("127.0.0.1"), HostPort: has - 3, Port: 80, More: 3, Proto: "tcp"}
	if err := m.Probe(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("has port %d/tcp", has)) {
		t.Errorf("%s: %v", m, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"8080:80", "8000-8010:80-90/udp", "[::1]:1-2:3-4", "[::]:1:2/udp", "127.0.0.1:8080:80/tcp", ":::/", "[", "1:2:3:4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(m.String()); err != nil || again != m {
			t.Errorf("%q is %+v, which is written %q, which is %+v, %v", s, m, m, again, err)
		}
	})
}
