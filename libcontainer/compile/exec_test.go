package compile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// lateCases are the plans for containers that exist.
var lateCases = []struct {
	name, from string
	compile    func(in Input) (*plan.Plan, error)
}{
	{"exec", "default", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		in.Filter = Filter{Program: make([]byte, 16)}
		return CompileExec(in, Exec{Join: JoinFlags(in.Spec) &^ unix.CLONE_NEWPID})
	}},
	{"exec-userns", "new-user", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		in.Probes.Privileged = false
		return CompileExec(in, Exec{Join: JoinFlags(in.Spec) &^ unix.CLONE_NEWPID, Stage: true})
	}},
	{"exec-hostmounts", "default", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		in.Spec.Linux.Namespaces = nil
		return CompileExec(in, Exec{Root: true})
	}},
	{"attach-bind", "new-user", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		in.Spec.Mounts = []specs.Mount{{Source: "/srv/data", Destination: "/data", Type: "bind", Options: []string{"rbind", "ro"}}}
		return CompileAttach(in, Attach{Join: JoinFlags(in.Spec) &^ unix.CLONE_NEWPID, Locked: true})
	}},
	{"attach-tmpfs", "default", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		in.Spec.Mounts = []specs.Mount{{Destination: "/run/x", Type: "tmpfs", Source: "tmpfs", Options: []string{"size=1m", "ro"}}}
		return CompileAttach(in, Attach{Join: JoinFlags(in.Spec) &^ unix.CLONE_NEWPID})
	}},
	{"detach", "default", func(in Input) (*plan.Plan, error) {
		in.Spec = Kept(in.Spec)
		return CompileDetach(in, JoinFlags(in.Spec)&^unix.CLONE_NEWPID, "/data/deep")
	}},
}

func latePlan(t *testing.T, i int) *plan.Plan {
	t.Helper()
	for k := range planCases {
		if planCases[k].name == lateCases[i].from {
			in := planCases[k].input(t)
			p, err := lateCases[i].compile(in)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
	}
	t.Fatalf("no case %s", lateCases[i].from)
	return nil
}

func TestPlansForContainersThatExistAreTheReviewedOnes(t *testing.T) {
	for i := range lateCases {
		t.Run(lateCases[i].name, func(t *testing.T) {
			var out bytes.Buffer
			if err := latePlan(t, i).Document("ID").WriteTable(&out); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", lateCases[i].name+".golden")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("the plan differs from %s:\n%s", path, difference(want, out.Bytes()))
			}
		})
	}
}
