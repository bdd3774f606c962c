package netns

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/creel-project/creel/hooks/netns/record"
)

func TestAStateIsReadOrSaysWhatIsWrong(t *testing.T) {
	s, err := ReadState(strings.NewReader(`{"ociVersion":"1.0.2","id":"web","status":"creating","pid":7,"bundle":"/b","annotations":{"a":"b"},"more":[1]}`))
	if err != nil || s.ID != "web" || s.Pid != 7 || s.Bundle != "/b" {
		t.Errorf("%+v, %v", s, err)
	}
	for text, want := range map[string]string{"": "empty", "{}": "id is missing", "null": "id is missing", `{"id":7}`: "cannot unmarshal", "{}{": "invalid character"} {
		if s, err := ReadState(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
	if _, err := ReadState(strings.NewReader(strings.Repeat(" ", stateMax+1))); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%v", err)
	}
}

func FuzzReadState(f *testing.F) {
	f.Add([]byte(`{"id":"web","pid":7,"bundle":"/b"}`))
	f.Add([]byte(`{"id":"","annotations":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := ReadState(strings.NewReader(string(text))); (err == nil) != (s != nil) || err == nil && s.ID == "" {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

func TestABridgeIsTheSameUnderBothWaysToWriteItsSubnet(t *testing.T) {
	has := netip.MustParsePrefix("10.0.0.9/24")
	for text, want := range map[string]string{
		"": "", "auto": "", "10.0.0.0/24": "", "10.0.0.9/24": "",
		"10.0.0.1/24": "has the address 10.0.0.9/24", "10.0.0.0/16": "has the address", "fd00::/64": "has the address", "x": "is no subnet",
	} {
		err := same("--subnet", "creel0", text, has)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestNamesOfInterfacesOutsideDifferAndFit(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []record.Endpoint{{ID: "a"}, {ID: "b"}, {ID: "a", Bundle: "/b"}, {ID: "a", Iface: "eth1"}} {
		for pid := range 100 {
			e.Pid = pid
			name := outside(&e)
			if len(name) > 15 || seen[name] {
				t.Errorf("%s of %+v", name, e)
			}
			seen[name] = true
		}
	}
}
