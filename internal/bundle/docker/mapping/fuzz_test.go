package mapping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/spec"
)

// What a description makes is a config that can be judged, written and read again, and a report of every field.
func FuzzMap(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(base))
	for _, patch := range []string{
		`{"HostConfig":{"SecurityOpt":["seccomp={\"syscalls\":[null]}","label","a:b"],"Ulimits":[null],"BlkioWeightDevice":[null]}}`,
		`{"HostConfig":{"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["nvidia.com/gpu=0"]}],"Tmpfs":{"/":"="},"Mounts":[{"TmpfsOptions":{"Options":[[]]}}]},"Mounts":[{"Type":"tmpfs","Destination":"/"}]}`,
		`{"Config":{"Env":["","=","A"],"Volumes":{"/a.b[0]":{}},"Labels":{"":"x"},"User":":"},"HostConfig":{"Devices":[{"PathOnHost":"/dev/snd"}],"PortBindings":{"80/tcp":[null]}}}`,
	} {
		text, err := json.Marshal(merge(object(f, base), object(f, patch)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := inspect.Decode(text)
		if err != nil {
			return
		}
		o := options()
		o.Root = "/"
		o.Network = Network{Mode: "netns", Program: "/bin/creel-netns"}
		s, notes, err := Map(d, o)
		if err != nil {
			return
		}
		if _, err := report.Build(d.Fields, notes, s); err != nil {
			t.Fatal(err)
		}
		if _, err := spec.Validate(s, "/"); err != nil {
			return // the command refuses it
		}
		written, err := spec.Render(s)
		if err != nil {
			t.Fatal(err)
		}
		read, err := spec.Decode(written)
		if err != nil {
			t.Fatal(err)
		}
		again, err := spec.Render(read)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(written, again) {
			t.Errorf("%s\nis read as\n%s", written, again)
		}
	})
}

func object(t testing.TB, text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
