package badinput

import (
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func badCwd(s *S)  { s.Process.Cwd = "tmp" }
func rdt(s *S)     { s.Linux.IntelRdt = &specs.LinuxIntelRdt{ClosID: "web"} }
func profile(s *S) { s.Process.SelinuxLabel = "l" } // no machine that tests run on enforces SELinux
func remounts(s *S) {
	for range 2 {
		s.Mounts = append(s.Mounts, specs.Mount{Destination: "/dev", Options: []string{"remount", "size=1m"}})
	}
}

// tooMany is refused by the compiler of profiles only, badAction by validation as well.
func tooMany(s *S) {
	s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{
		{Names: []string{"read"}, Action: specs.ActErrno, Args: slices.Repeat([]specs.LinuxSeccompArg{{Op: specs.OpEqualTo}}, 256)},
		{Names: []string{"write", strings.Repeat("x", 300)}, Action: specs.ActErrno},
	}}
}

func badAction(s *S) {
	tooMany(s)
	s.Linux.Seccomp.Syscalls[0].Action = "DENY"
}

func notify(s *S) {
	s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, ListenerPath: "/run/nobody", Syscalls: []specs.LinuxSyscall{
		{Names: []string{"mkdir", ""}, Action: specs.ActNotify},
	}}
}

// TestAllMistakesComeTogetherInTheOrderOfTheFields, whoever finds them: validation, the
// compiler of plans or that of profiles.
func TestAllMistakesComeTogetherInTheOrderOfTheFields(t *testing.T) {
	for _, c := range []struct {
		name   string
		mutate []harness.Mutate
		fields []string
	}{
		{"validation and plan", []harness.Mutate{badCwd, rdt, profile}, []string{"process.cwd", "process.selinuxLabel", "linux.intelRdt"}},
		{"plan alone", []harness.Mutate{profile, rdt, remounts},
			[]string{"process.selinuxLabel", "mounts[7].options", "mounts[8].options", "linux.intelRdt"}},
		{"profile alone", []harness.Mutate{tooMany}, []string{"linux.seccomp.syscalls[0].args", "linux.seccomp.syscalls[1].names[1]"}},
		{"profile and plan", []harness.Mutate{tooMany, rdt, profile},
			[]string{"process.selinuxLabel", "linux.seccomp.syscalls[0].args", "linux.seccomp.syscalls[1].names[1]", "linux.intelRdt"}},
		{"a finished profile and plan", []harness.Mutate{notify, rdt}, []string{"linux.seccomp.syscalls[0].names[1]", "linux.intelRdt"}},
		{"a finished profile and validation", []harness.Mutate{notify, func(s *S) { s.Linux.Seccomp.ListenerPath = "" }},
			[]string{"linux.seccomp.listenerPath", "linux.seccomp.syscalls[0].names[1]"}},
		{"all three", []harness.Mutate{badAction, badCwd, rdt, remounts},
			[]string{"process.cwd", "mounts[7].options", "mounts[8].options", "linux.seccomp.syscalls[0].action",
				"linux.seccomp.syscalls[0].args", "linux.seccomp.syscalls[1].names[1]", "linux.intelRdt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := harness.New(t)
			b, id := h.Bundle(c.mutate...), h.ID()
			lines := strings.Split(strings.TrimSuffix(h.Fails(h.Creel("--log", h.Path("log"), "create", "--bundle", b, id)).Stderr, "\n"), "\n")
			lines[0] = strings.TrimPrefix(lines[0], "create "+id+": ")
			if len(lines) != len(c.fields) {
				t.Fatalf("%d lines:\n%s\nwant one about each of %q", len(lines), strings.Join(lines, "\n"), c.fields)
			}
			for i, field := range c.fields {
				if !strings.HasPrefix(lines[i], field+": ") {
					t.Errorf("line %d is %q, want one about %s", i, lines[i], field)
				}
			}
		})
	}
}
