package spec

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDefaultConfigsAreThoseOfTheGoldenFiles(t *testing.T) {
	for name, rootless := range map[string]bool{"default.json": false, "rootless.json": true} {
		t.Run(name, func(t *testing.T) {
			s := Default(rootless)
			if rootless {
				if got := s.Linux.UIDMappings[0].HostID; got != uint32(os.Geteuid()) {
					t.Errorf("root is mapped to uid %d", got)
				}
				if got := s.Linux.GIDMappings[0].HostID; got != uint32(os.Getegid()) {
					t.Errorf("root is mapped to gid %d", got)
				}
				s.Linux.UIDMappings[0].HostID, s.Linux.GIDMappings[0].HostID = 1000, 1000
			}
			got, err := Render(s)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("it differs from %s:\n%s", file, got)
			}
		})
	}
}

func TestRenderWritesWhatEncodingJSONWouldAndDecodeReadsItBack(t *testing.T) {
	s := Default(false)
	got, err := Render(s)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := json.MarshalIndent(s, "", "\t"); !bytes.Equal(got, want) {
		t.Errorf("got %s", got)
	}
	back, err := Decode(got)
	if err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

func TestADefaultConfigIsANewOneEachTime(t *testing.T) {
	a, b := Default(false), Default(false)
	a.Mounts[0].Destination = "/elsewhere"
	a.Linux.MaskedPaths[0] = "/elsewhere"
	a.Process.Capabilities.Bounding[0] = "CAP_SYS_ADMIN"
	if b.Mounts[0].Destination != "/proc" || b.Linux.MaskedPaths[0] != "/proc/acpi" ||
		b.Process.Capabilities.Bounding[0] != "CAP_AUDIT_WRITE" || a.Process.Capabilities.Effective[0] != "CAP_AUDIT_WRITE" {
		t.Error("a change of one showed in another")
	}
}

func TestTheRootlessDefaultNeedsNoPrivilege(t *testing.T) {
	s := Default(true)
	if s.Linux.Resources != nil {
		t.Error("it has limits")
	}
	if slices.ContainsFunc(s.Linux.Namespaces, func(n specs.LinuxNamespace) bool { return n.Type == specs.NetworkNamespace }) {
		t.Error("it has a network namespace")
	}
	for _, m := range s.Mounts {
		if slices.Contains(m.Options, "gid=5") || m.Type == "sysfs" {
			t.Errorf("mount %+v", m)
		}
	}
}
