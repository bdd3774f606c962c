package mapping

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// web, plain, joined and term are what docker inspect of Docker 20.10 printed, ports and volumes what that of 28.5 did, with
// another data root.
func TestDescriptionsByDockerMakeTheGoldenConfigs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".config.json") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := inspect.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			o := options()
			o.Lookup = golden{}
			s, notes, err := Map(d, o)
			if err != nil {
				t.Fatal(err)
			}
			s.Linux.Seccomp = nil // it depends on the kernel
			config, err := spec.Render(s)
			if err != nil {
				t.Fatal(err)
			}
			r, err := report.Build(d.Fields, notes, s)
			if err != nil {
				t.Fatal(err)
			}
			var table bytes.Buffer
			if err := r.Table(&table); err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(file, ".json")
			same(t, name+".config.json", append(config, '\n'))
			same(t, name+".report", table.Bytes())
		})
	}
}

// golden knows the container that one of the descriptions names by its id.
type golden struct{ fake }

func (golden) Process(string) (int, error) { return 4711, nil }

func same(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from\n%s", name, got)
	}
}
