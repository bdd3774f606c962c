package mountinfo

import "testing"

func TestLinesAreReadWhateverOptionalFieldsTheyHave(t *testing.T) {
	for line, want := range map[string]Mount{
		"36 35 98:0 /a /b rw,noatime - ext3 /dev/root rw,errors=continue\n":             {"98:0", "/a", "/b", "ext3", "rw,errors=continue"},
		"36 35 0:5 / /with\\040blank\\134 rw shared:1 master:2 - tmpfs none rw,size=1k": {"0:5", "/", "/with blank\\", "tmpfs", "rw,size=1k"},
		"36 35 0:5 / /x rw - proc": {"0:5", "/", "/x", "proc", ""},
	} {
		if got, ok := Parse(line); !ok || got != want {
			t.Errorf("%q: %+v, want %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "36 35 98:0 /a /b", "36 35 98:0 /a - ext3 x rw", "36 35 98:0 /a /b rw - "} {
		if got, ok := Parse(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
