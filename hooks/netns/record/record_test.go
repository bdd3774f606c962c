package record

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creel-project/creel/hooks/netns/ipam"
	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/proc"
)

func TestWhatWasSavedIsRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := port.Parse("127.0.0.1:8080:80/tcp")
	s.Networks = []*Network{{Bridge: "creel0", Address: netip.MustParsePrefix("10.0.0.1/24"), MTU: 1500, Isolated: true}}
	s.Endpoints = []*Endpoint{{ID: "web", Bundle: "/b", Process: proc.Process{Pid: 7, Start: 9}, Bridge: "creel0", Created: time.Now().UTC(),
		Address: netip.MustParseAddr("10.0.0.2"), Ports: []port.Mapping{m}}}
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	got, err := Read(dir)
	if err != nil || !reflect.DeepEqual(got, s.State) {
		t.Errorf("got %+v, %v; want %+v", got, err, s.State)
	}
}

func TestAStateThatCannotBeReadIsAnErrorThatNamesTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"{": "unexpected end", "[]": "cannot unmarshal", `{"version":2}`: "version 2 is another one",
		`{"version":1,"endpoints":[{"ports":["x"]}]}`: "no colon",
		`{"version":1,"endpoints":[null]}`:            "endpoints[0]: it has no id", `{"version":1,"endpoints":[{"cni":{}}]}`: "endpoints[0]: it has no id",
		`{"version":1,"networks":[null]}`: "networks[0]: it has no address", `{"version":1,"networks":[{"bridge":"creel0"}]}`: "networks[0]: it has no address",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "state.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(dir); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir+"/state.json") {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
}

func TestAStateThatCannotBeSavedLeavesNothingOfIt(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.MkdirAll(filepath.Join(dir, "state.json/x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(); err == nil {
		t.Error("it was saved in the place of a directory")
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 2 {
		t.Errorf("there are %q, %v; want the lock and the directory", names, err)
	}
}

func TestTwoHundredAtOnceGetTwoHundredAddresses(t *testing.T) {
	dir, bridge := t.TempDir(), netip.MustParsePrefix("10.0.0.1/24")
	self, err := proc.Find(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			s, err := Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			a, err := ipam.Next(bridge, netip.Addr{}, s.Taken("b"))
			if err != nil {
				t.Error(err)
			}
			s.Endpoints = append(s.Endpoints, &Endpoint{ID: fmt.Sprint(i), Process: self, Bridge: "b", Address: a})
			if err := s.Save(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s, err := Read(dir)
	if err != nil || len(s.Endpoints) != 200 || len(s.Taken("b")) != 200 {
		t.Errorf("%d endpoints with %d addresses, %v", len(s.Endpoints), len(s.Taken("b")), err)
	}
	if dead := s.Dead(); len(dead) != 0 {
		t.Errorf("%d of this process are dead", len(dead))
	}
	s.Endpoints[7].Start++
	if dead := s.Dead(); len(dead) != 1 || dead[0].ID != s.Endpoints[7].ID {
		t.Errorf("dead: %v", dead)
	}
}
