package seccomp

import (
	"slices"
	"testing"
)

func TestTheKernelJudges32BitCallsByTheirOwnNumbers(t *testing.T) {
	f := load(t, docker(t))
	got := under(t, f, "i20", "i283", "i5000", "i136:0xffffffff", "i136:1") // getpid, kexec_load, none, personality
	const eperm, enosys = "Operation not permitted", "Function not implemented"
	if want := []string{"ok", eperm, enosys, "ok", eperm}; !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestTheKernelKills32BitCallsUnlessListed(t *testing.T) {
	p := docker(t)
	p.Architectures = nil
	if got := under(t, load(t, p), "i20"); got[0] != "signal 31" {
		t.Error(got)
	}
}
