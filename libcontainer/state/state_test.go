package state

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestIDsAreWhatRuncTakes(t *testing.T) {
	for _, id := range []string{"a", "web_1", "a.b", "a+b-c", "...", "_", strings.Repeat("x", 255)} {
		if err := CheckID(id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{"", ".", "..", "a/b", "a b", "ä", "@cache", "a\x00", strings.Repeat("x", 256)} {
		if err := CheckID(id); !errors.Is(err, ErrID) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func sample() *Record {
	timeout := 3
	return &Record{
		Version: Version, ID: "web", OCIVersion: "1.3.0", Bundle: "/b", Rootfs: "/b/rootfs", Created: "2026-01-02T03:04:05.6Z",
		Annotations: map[string]string{"a": "<&>", "b": "ü"}, Pid: 7, StartTime: 1 << 60, CreatorPid: 6, CreatorStart: 5,
		Cgroup:   driver.Record{Driver: "v2", Path: "/web", Dirs: map[string]string{"": "/sys/fs/cgroup/web"}},
		Poststop: []specs.Hook{{Path: "/h", Args: []string{"h"}, Env: []string{"A=1"}, Timeout: &timeout}},
	}
}

func TestARecordComesBackAsItWasWritten(t *testing.T) {
	s := Open(t.TempDir())
	d, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	got, err := d.Read()
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("%+v, %v", got, err)
	}
	text, err := os.ReadFile(filepath.Join(s.root, "web", recordName))
	if err != nil {
		t.Fatal(err)
	}
	var other Record
	if err := json.Unmarshal(text, &other); err != nil || !reflect.DeepEqual(&other, sample()) {
		t.Errorf("encoding/json reads %+v, %v", other, err)
	}
}

func TestRecordsThatAreNoneAreErrors(t *testing.T) {
	s := Open(t.TempDir())
	d, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	path := filepath.Join(s.root, "web", recordName)
	if _, err := d.Read(); !errors.Is(err, ErrNoRecord) {
		t.Errorf("without a record: %v", err)
	}
	whole, _ := sample().encode()
	for name, text := range map[string]string{
		"empty": "", "cut short": string(whole[:len(whole)/2]), "a list": "[]", "another version": `{"version":99}`, "no version": `{}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := d.Read(); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	os.Remove(path)
	if err := os.Symlink("/etc/passwd", path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(); !errors.Is(err, unix.ELOOP) {
		t.Errorf("a link: %v", err)
	}
}

func TestOfManyThatReserveAnIDExactlyOneWins(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "deep", "root"))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			d, err := s.Reserve("web")
			switch {
			case err == nil:
				won.Add(1)
				d.Close()
			case !errors.Is(err, ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func TestAReaderNeverSeesHalfARecord(t *testing.T) {
	s := Open(t.TempDir())
	d, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := sample()
		for i := range 500 {
			r.Bundle = strings.Repeat("b", i*7)
			if err := d.Write(r); err != nil {
				t.Error(err)
			}
		}
	}()
	reader, err := s.Lookup("web")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for {
		select {
		case <-done:
			return
		default:
			if _, err := reader.Read(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRemoveTakesEverythingAndMayBeCalledAgain(t *testing.T) {
	s := Open(t.TempDir())
	d, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Lookup("web"); !errors.Is(err, ErrNotExist) {
		t.Errorf("after Remove: %v", err)
	}
	if ids, err := s.List(); err != nil || len(ids) != 0 {
		t.Errorf("%q, %v", ids, err)
	}
}
