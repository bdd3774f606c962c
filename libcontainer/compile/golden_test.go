package compile

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/spec"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// table compiles a case and prints its plan as `creel plan` does.
func table(t *testing.T, c *planCase) []byte {
	t.Helper()
	in := c.input(t)
	p, err := Compile(in)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.Document(in.ID).WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestPlansAreTheReviewedOnes compares each plan with the one that was read and
// found right. After a change, `go test ./libcontainer/compile -update` writes
// what is made now: read the difference before committing it.
func TestPlansAreTheReviewedOnes(t *testing.T) {
	for i := range planCases {
		c := &planCases[i]
		t.Run(c.name, func(t *testing.T) {
			got := table(t, c)
			path := filepath.Join("testdata", c.name+".golden")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the plan differs from %s:\n%s", path, difference(want, got))
			}
		})
	}
}

// difference lists the lines that only one of two tables has, without their
// numbers, which shift.
func difference(want, got []byte) string {
	lines := func(b []byte) []string {
		var out []string
		for l := range strings.Lines(string(b)) {
			out = append(out, l[min(6, len(l)):])
		}
		return out
	}
	w, g := lines(want), lines(got)
	var out strings.Builder
	for _, l := range w {
		if !slices.Contains(g, l) {
			out.WriteString("- " + l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			out.WriteString("+ " + l)
		}
	}
	if out.Len() == 0 {
		return "the same lines in another order or number\n"
	}
	return out.String()
}

// TestNoGoldenFileIsLeftOver keeps testdata in step with the cases.
func TestNoGoldenFileIsLeftOver(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, ext := filepath.Base(f), filepath.Ext(f)
		name = strings.TrimSuffix(name, ext)
		used := slices.ContainsFunc(planCases, func(c planCase) bool {
			return c.name == name && (ext == ".golden" || c.config == "") || c.config == name && ext == ".json"
		})
		for i := range lateCases {
			used = used || lateCases[i].name == name
		}
		if !used {
			t.Errorf("no case uses %s", f)
		}
	}
}

// TestDefaultPlanIsThatOfTheSpecCommand keeps the config of the golden test
// equal to what `creel spec` writes.
func TestDefaultPlanIsThatOfTheSpecCommand(t *testing.T) {
	want, err := spec.Render(spec.Default(false))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("testdata/default.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(want)) {
		t.Error("testdata/default.json is not what `creel spec` writes; write it anew and read the golden plan again")
	}
}

// TestConfigsAreValid makes sure that the configs are ones that get as far as
// the compiler: nobody validates a namespace path of another machine, or a root.
func TestConfigsAreValid(t *testing.T) {
	for i := range planCases {
		c := &planCases[i]
		if c.config != "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			s := c.input(t).Spec
			s.Root.Path = "/"
			for k := range s.Linux.Namespaces {
				if ns := &s.Linux.Namespaces[k]; ns.Path != "" {
					ns.Path = "/proc/self/ns/" + strings.NewReplacer("network", "net", "mount", "mnt").Replace(string(ns.Type))
				}
			}
			if _, err := spec.Validate(s, "/bundle"); err != nil {
				t.Error(err)
			}
		})
	}
}
