package userns

import (
	"strings"
	"testing"
)

func TestARangeIsReadAndWritten(t *testing.T) {
	for _, text := range []string{"100000:65536", "0:1", "1:4294967294", "0:4294967295"} {
		r, err := Parse(text)
		if err != nil || r.String() != text {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
}

func TestARangeThatTheKernelCannotMapIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                "want ROOT:LEN",
		"5":               "want ROOT:LEN",
		"a:5":             "ROOT: ",
		"-1:5":            "ROOT: ",
		"5:":              "LEN: ",
		"5:0":             "LEN is to be 1 to 4294967290",
		"1:4294967295":    "LEN is to be 1 to 4294967294",
		"4294967295:1":    "LEN is to be 1 to 0",
		"4294967296:1":    "ROOT: ",
		"0:4294967296":    "LEN: ",
		"100000:65536:10": "LEN: ",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestIdsAreMappedBothWays(t *testing.T) {
	r := Range{Root: 100000, Length: 65536}
	for id, mapped := range map[uint32]bool{0: true, 65535: true, 65536: false, 4294967295: false} {
		host, ok := r.Host(id)
		if ok != mapped || ok && host != 100000+id {
			t.Errorf("container %d: host %d, %v", id, host, ok)
		}
	}
	for id, there := range map[uint32]bool{99999: false, 100000: true, 165535: true, 165536: false, 0: false} {
		inside, ok := r.Container(id)
		if ok != there || ok && inside != id-100000 {
			t.Errorf("host %d: container %d, %v", id, inside, ok)
		}
	}
	if m := r.Mappings(); len(m) != 1 || m[0].HostID != 100000 || m[0].Size != 65536 || m[0].ContainerID != 0 {
		t.Errorf("mappings %v", m)
	}
}

func TestWithoutAUserNamespaceIdsAreThemselves(t *testing.T) {
	var none Range
	host, mapped := none.Host(7)
	inside, there := none.Container(7)
	if !none.Empty() || host != 7 || !mapped || inside != 7 || !there || none.Mappings() != nil {
		t.Errorf("%d %v, %d %v, %v", host, mapped, inside, there, none.Mappings())
	}
}
