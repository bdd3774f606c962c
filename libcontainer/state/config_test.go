package state

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestWhatIsKeptOfAConfigComesBack(t *testing.T) {
	_, d := recorded(t, "web")
	want := &specs.Spec{
		Version: "1.2.0",
		Process: &specs.Process{Args: []string{"a", "\x00\"ü"}, Cwd: "/", User: specs.User{UID: 7}},
		Linux:   &specs.Linux{Namespaces: []specs.LinuxNamespace{{Type: "pid"}, {Type: "network", Path: "/x"}}},
	}
	if _, err := d.Config(); !errors.Is(err, unix.ENOENT) {
		t.Errorf("before it is kept: %v", err)
	}
	if err := d.WriteConfig(want); err != nil {
		t.Fatal(err)
	}
	got, err := d.Config()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAFilterComesBackAsItWas(t *testing.T) {
	_, d := recorded(t, "web")
	if p, _, err := d.Filter(); p != nil || err != nil {
		t.Errorf("without one: %v, %v", p, err)
	}
	want := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 4096)
	if err := d.WriteFilter(want, 0x80000005); err != nil {
		t.Fatal(err)
	}
	p, flags, err := d.Filter()
	if err != nil || flags != 0x80000005 || !bytes.Equal(p, want) {
		t.Errorf("%d bytes, flags %#x, %v", len(p), flags, err)
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 4), make([]byte, 13)} {
		if err := d.keep(filterName, bad); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Filter(); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%d bytes are a filter: %v", len(bad), err)
		}
	}
}

// An exec that reads a filter while the container is removed must not go on without one.
func TestWhatWasKeptOfARemovedContainerIsNotReadAsNothing(t *testing.T) {
	s, d := recorded(t, "web")
	other, err := s.Lookup("web")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if p, _, err := other.Filter(); p != nil || !errors.Is(err, ErrNotExist) {
		t.Errorf("filter %v, %v", p, err)
	}
	if c, err := other.Config(); c != nil || !errors.Is(err, ErrNotExist) {
		t.Errorf("config %v, %v", c, err)
	}
}

func TestWhatCouldNotBeReadIsNotKept(t *testing.T) {
	_, d := recorded(t, "web")
	c := &specs.Spec{Process: &specs.Process{Env: []string{"A=" + strings.Repeat("x", recordMax)}}}
	if err := d.WriteConfig(c); !errors.Is(err, unix.EFBIG) {
		t.Errorf("%v", err)
	}
	c.Process.Env[0] = c.Process.Env[0][:recordMax-200]
	if err := d.WriteConfig(c); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Config(); err != nil || !reflect.DeepEqual(got, c) {
		t.Error(err)
	}
}
