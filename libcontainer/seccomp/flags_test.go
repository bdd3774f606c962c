package seccomp

import (
	"errors"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestFlagsBecomeBits(t *testing.T) {
	const (
		tsync, log, spec = unix.SECCOMP_FILTER_FLAG_TSYNC, unix.SECCOMP_FILTER_FLAG_LOG, unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
		listener, esrch  = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
		killable         = unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	)
	tests := []struct {
		name   string
		words  []specs.LinuxSeccompFlag
		notify bool
		want   uint32
	}{
		{"no list leaves the mitigation off", nil, false, spec},
		{"an empty list means none", []specs.LinuxSeccompFlag{}, false, 0},
		{"log", []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog}, false, log},
		{"all threads", []specs.LinuxSeccompFlag{FlagTsync, specs.LinuxSeccompFlagSpecAllow}, false, tsync | spec},
		{"twice", []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagLog}, false, log},
		{"a wait without listener", []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagWaitKillableRecv}, false, 0},
		{"notify", nil, true, spec | listener},
		{"notify, no flags", []specs.LinuxSeccompFlag{}, true, listener},
		{"notify, all threads", []specs.LinuxSeccompFlag{FlagTsync}, true, tsync | esrch | listener},
		{"notify, wait", []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagWaitKillableRecv}, true, killable | listener},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := filterFlags(tt.words, tt.notify); err != nil || got != tt.want {
				t.Errorf("%#x, %v, want %#x", got, err, tt.want)
			}
		})
	}
}

func TestAFlagThatTheKernelLacksIsNamed(t *testing.T) {
	if haveFlags(1 << 30) {
		t.Error("the kernel knows a flag that does not exist")
	}
	err := missingFlag([]specs.LinuxSeccompFlag{"SECCOMP_FILTER_FLAG_NEW"})
	if !errors.Is(err, unix.EOPNOTSUPP) ||
		err.Error() != "linux.seccomp.flags: [SECCOMP_FILTER_FLAG_NEW]: not available here, needs a newer Linux" {
		t.Errorf("%v", err)
	}
}

func TestFeaturesAreListed(t *testing.T) {
	if !Enabled() {
		t.Error("filters are not available")
	}
	for _, word := range SupportedFlags() {
		if !slices.Contains(KnownFlags(), word) {
			t.Errorf("%s is supported but not known", word)
		}
	}
	for _, act := range Actions() {
		if ret, err := action(specs.LinuxSeccompAction(act), nil); err != nil || (Word(ret) != specs.LinuxSeccompAction(act) && act != "SCMP_ACT_KILL") {
			t.Errorf("%s: %#x, %v", act, ret, err)
		}
	}
	if len(Actions()) != len(allActions) || len(Operators()) != 7 || len(Architectures()) != 23 {
		t.Errorf("%d actions, %d operators, %d architectures", len(Actions()), len(Operators()), len(Architectures()))
	}
	for _, list := range [][]string{Actions(), Operators(), Architectures()} {
		if !slices.IsSorted(list) {
			t.Errorf("not sorted: %q", list)
		}
	}
}
