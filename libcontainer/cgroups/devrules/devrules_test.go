package devrules

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func ptr(n int64) *int64 { return &n }

func rules(l List) string {
	var words []string
	for _, r := range l.Rules {
		verdict := "deny "
		if r.Allow {
			verdict = "allow "
		}
		words = append(words, verdict+r.String())
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func list(t *testing.T, devices ...specs.LinuxDeviceCgroup) List {
	t.Helper()
	var l List
	for i := range devices {
		r, err := Parse(&devices[i])
		if err != nil {
			t.Fatal(err)
		}
		l.Add(r)
	}
	return l
}

func char(allow bool, major, minor int64, access string) specs.LinuxDeviceCgroup {
	return specs.LinuxDeviceCgroup{Allow: allow, Type: "c", Major: &major, Minor: &minor, Access: access}
}

func TestListsAreCanonical(t *testing.T) {
	all := specs.LinuxDeviceCgroup{Allow: true, Type: "a", Access: "rwm"}
	none := specs.LinuxDeviceCgroup{Allow: false, Access: "mwr"}
	for _, c := range []struct {
		name    string
		devices []specs.LinuxDeviceCgroup
		allow   bool
		want    string
	}{
		{"nothing", nil, false, ""},
		{"deny all denies nothing new", []specs.LinuxDeviceCgroup{none}, false, ""},
		{"allow all", []specs.LinuxDeviceCgroup{char(true, 1, 3, "r"), all}, true, ""},
		{"a rule for all resets the list", []specs.LinuxDeviceCgroup{all, char(false, 1, 3, "r"), none, char(true, 1, 5, "w")}, false, "allow c 1:5 w"},
		{"a denied exception is gone", []specs.LinuxDeviceCgroup{char(true, 1, 3, "rwm"), char(false, 1, 3, "rwm")}, false, ""},
		{"a denied part is gone", []specs.LinuxDeviceCgroup{char(true, 1, 3, "rwm"), char(false, 1, -1, "w")}, false, "allow c 1:3 rm"},
		{"same device, more access", []specs.LinuxDeviceCgroup{char(true, 1, 3, "r"), char(true, 1, 3, "w")}, false, "allow c 1:3 rw"},
		{"a rule stays whole beside a wider one for part of the access", []specs.LinuxDeviceCgroup{char(true, 1, 11, "rwm"), {Allow: true, Access: "m"}}, false, "allow a *:* m, allow c 1:11 rwm"},
		{"both types", []specs.LinuxDeviceCgroup{{Allow: true, Type: "c", Access: "m"}, {Allow: true, Type: "b", Access: "m"}}, false, "allow a *:* m"},
		{"what a wider rule covers", []specs.LinuxDeviceCgroup{char(true, 1, 3, "r"), char(true, 1, -1, "rw")}, false, "allow c 1:* rw"},
		{"what an earlier wider rule covers", []specs.LinuxDeviceCgroup{char(true, 1, -1, "rw"), char(true, 1, 3, "r")}, false, "allow c 1:* rw"},
		{"an exception from an exception stays", []specs.LinuxDeviceCgroup{char(true, 1, -1, "rw"), char(false, 1, 3, "w")}, false, "allow c 1:* rw, deny c 1:3 w"},
		{"and is undone", []specs.LinuxDeviceCgroup{char(true, 1, -1, "rw"), char(false, 1, 3, "w"), char(true, 1, 3, "w")}, false, "allow c 1:* rw"},
		{"denials from allowing all", []specs.LinuxDeviceCgroup{all, char(false, 1, 3, "w"), char(true, 5, 5, "r")}, true, "deny c 1:3 w"},
		{"part of the access to all", []specs.LinuxDeviceCgroup{{Allow: true, Type: "a", Access: "r"}}, false, "allow a *:* r"},
		{"a type for all numbers", []specs.LinuxDeviceCgroup{{Allow: true, Type: "a", Major: ptr(7), Access: "r"}}, false, "allow a 7:* r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := list(t, c.devices...)
			if got := rules(l); got != c.want || l.Allow != c.allow {
				t.Errorf("allow %v, %q; want %v, %q", l.Allow, got, c.allow, c.want)
			}
		})
	}
}

func TestContainersHaveTheDefaultDevices(t *testing.T) {
	l, err := Container([]specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}, char(false, 1, 3, "rwm")})
	if err != nil {
		t.Fatal(err)
	}
	want := "allow a *:* m, allow c 136:* rwm, allow c 1:3 rwm, allow c 1:5 rwm, allow c 1:7 rwm, allow c 1:8 rwm, allow c 1:9 rwm, " +
		"allow c 5:0 rwm, allow c 5:1 rwm, allow c 5:2 rwm"
	if got := rules(l); got != want || l.Allow || l.Ordered() || l.AllowsAll() {
		t.Errorf("got %s", got)
	}
	for _, c := range []struct {
		typ          Types
		major, minor int64
		access       Access
		want         bool
	}{
		{Char, 1, 3, Read | Write | Mknod, true},
		{Char, 1, 11, Mknod, true},
		{Char, 1, 11, Read, false},
		{Block, 8, 0, Mknod, true},
		{Block, 8, 0, Read | Mknod, false},
		{Block, 1, 3, Read, false},
		{Char, 136, 77, Write, true},
		{Char, 10, 200, Read, false}, // tun: granted by older runtimes, not by default any more
	} {
		if got := l.Allows(c.typ, c.major, c.minor, c.access); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestBadRulesAreNamed(t *testing.T) {
	for want, d := range map[string]specs.LinuxDeviceCgroup{
		`linux.resources.devices[1]: type "x" is none of a (all), b (block) and c (char)`:           {Type: "x", Access: "r"},
		`linux.resources.devices[1]: access is empty, it needs some of r (read), w (write) and m`:   {Type: "c"},
		`linux.resources.devices[1]: access "rx" has "x", which is none of r (read), w (write) and`: {Type: "c", Access: "rx"},
		`linux.resources.devices[1]: major 4096 is neither -1 (any) nor in 0-4095`:                  {Type: "c", Major: ptr(4096), Access: "r"},
		`linux.resources.devices[1]: minor -2 is neither -1 (any) nor in 0-1048575`:                 {Type: "c", Minor: ptr(-2), Access: "r"},
	} {
		_, err := Container([]specs.LinuxDeviceCgroup{{Access: "rwm"}, d})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
