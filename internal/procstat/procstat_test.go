package procstat

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAProcessThatSIGKILLWaitsForIsKilled(t *testing.T) {
	fields := "S" + strings.Repeat(" 0", 27) // up to field 30 of proc(5)
	for waiting, want := range map[string]bool{"0": false, "256": true, "16640": true, "16384": false, "x": false} {
		if got := (Stat{fields: fields + " " + waiting + " 0 0"}).Killed(); got != want {
			t.Errorf("signals %s: %t", waiting, got)
		}
	}
}

func TestANameMayHoldAnything(t *testing.T) {
	p, err := parse("7 (a) b (c) S 1 7 7 0 -1 4194304" + strings.Repeat(" 0", 12) + " 4711 0\n")
	if err != nil || p.Name != "a) b (c" || p.Field(4) != "1" || p.Field(60) != "" {
		t.Errorf("%+v: %v", p, err)
	}
	if start, err := p.Start(); err != nil || start != 4711 {
		t.Errorf("it started at %d: %v", start, err)
	}
	if p, err := parse("7 (a S 1"); err == nil {
		t.Errorf("half a line is %+v", p)
	}
}

func TestAZombieHasEndedAndDoesNotLive(t *testing.T) {
	self, err := Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if start, err := self.Start(); err != nil || self.Ended() || !self.Lives(start) || self.Lives(start+1) {
		t.Errorf("this process: %+v: %v", self, err)
	}
	child := exec.Command("true")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Waitid(unix.P_PID, child.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Error(err)
	}
	p, err := Read(child.Process.Pid)
	start, startErr := p.Start()
	if err := errors.Join(err, startErr); err != nil || !p.Ended() || p.Lives(start) {
		t.Errorf("a zombie: %+v: %v", p, err)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if p, err := Read(child.Process.Pid); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is gone: %+v: %v", p, err)
	}
}
