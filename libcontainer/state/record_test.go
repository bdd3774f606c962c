package state

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestARecordComesBackAsItWasWritten(t *testing.T) {
	s, d := reserve(t, "web")
	for name, r := range map[string]*Record{"full": sample(), "bare": {}} {
		if err := d.Write(r); err != nil {
			t.Fatal(err)
		}
		r.Version = Version
		if got, err := d.Read(); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		text, err := os.ReadFile(filepath.Join(s.root, "web", recordName))
		if err != nil {
			t.Fatal(err)
		}
		if want, err := json.Marshal(r); err != nil || string(text) != string(want) {
			t.Errorf("%s: %s, encoding/json writes %s (%v)", name, text, want, err)
		}
	}
}

func TestTheSampleHasSomethingInEveryField(t *testing.T) {
	for _, v := range []reflect.Value{reflect.ValueOf(*sample()), reflect.ValueOf(sample().Cgroup), reflect.ValueOf(*sample().RDT)} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not tried", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}

func TestRecordsThatAreNoneAreErrors(t *testing.T) {
	s, d := reserve(t, "web")
	path := filepath.Join(s.root, "web", recordName)
	if _, err := d.Read(); !errors.Is(err, ErrNoRecord) {
		t.Errorf("without a record: %v", err)
	}
	whole, err := sample().encode()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{
		"empty": "", "a list": "[]", "null": "null", "another version": `{"version":99}`, "no version": `{}`, "zeroes": strings.Repeat("\x00", len(whole)),
		"more behind it": string(whole) + "}", "another type": `{"version":1,"pid":"7"}`, "too big a number": `{"version":1,"pid":1e30}`,
	}
	for n := range whole {
		texts["cut short after "+string(whole[:n])] = string(whole[:n])
	}
	for name, text := range texts {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := d.Read(); err == nil || !strings.HasPrefix(err.Error(), "record of web: ") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if err := os.WriteFile(path, []byte(`{"version":2,"pid":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(); !errors.Is(err, errVersion) || !strings.Contains(err.Error(), "version 2, not 1") {
		t.Errorf("another version: %v", err)
	}
}

func TestARecordThatNobodyCouldReadIsNotWritten(t *testing.T) {
	s, d := reserve(t, "web")
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	big := sample()
	big.Annotations = map[string]string{"a": strings.Repeat("x", recordMax)}
	if err := d.Write(big); !errors.Is(err, unix.EFBIG) {
		t.Errorf("more than the limit: %v", err)
	}
	if got, err := d.Read(); err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("the record before it: %+v, %v", got, err)
	}
	rest, err := sample().encode()
	if err != nil {
		t.Fatal(err)
	}
	exact := sample()
	exact.Bundle += strings.Repeat("x", recordMax-len(rest))
	if err := d.Write(exact); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Read(); err != nil || got.Bundle != exact.Bundle {
		t.Errorf("exactly the limit: %v", err)
	}
	if err := os.Truncate(filepath.Join(s.root, "web", recordName), 1<<40); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(); !errors.Is(err, unix.EFBIG) {
		t.Errorf("a terabyte: %v", err)
	}
	if names, err := os.ReadDir(filepath.Join(s.root, "web")); err != nil || len(names) != 1 {
		t.Errorf("beside the record: %v, %v", names, err)
	}
}

func TestARecordIsAFileAndNothingIsWaitedFor(t *testing.T) {
	s, d := reserve(t, "web")
	path := filepath.Join(s.root, "web", recordName)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	whole, err := sample().encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(elsewhere, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, replace := range map[string]func() error{
		"a link":             func() error { return os.Symlink(elsewhere, path) },
		"a fifo":             func() error { return unix.Mkfifo(path, 0o600) },
		"a directory":        func() error { return os.Mkdir(path, 0o700) },
		"a link to nowhere":  func() error { return os.Symlink("nowhere", path) },
		"a link to a device": func() error { return os.Symlink("/dev/zero", path) },
	} {
		if err := replace(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			r, err := d.Read()
			if err == nil {
				err = errors.New("read " + r.ID)
			} else if errors.Is(err, ErrNoRecord) {
				err = errors.New("taken for no record at all")
			} else {
				err = nil
			}
			done <- err
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s is waited for", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	// the link in the record's place is replaced, not followed
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	other := sample()
	other.ID = "other"
	if err := d.Write(other); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(elsewhere); err != nil || string(text) != string(whole) {
		t.Errorf("what the link points to: %s, %v", text, err)
	}
	if got, err := d.Read(); err != nil || got.ID != "other" {
		t.Errorf("%+v, %v", got, err)
	}
}
