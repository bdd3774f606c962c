package selinux

import (
	"os"
	"testing"
)

func TestTheMachineEnforcesItsPolicy(t *testing.T) {
	text, err := os.ReadFile("/sys/fs/selinux/enforce")
	if err != nil || string(text) != "1" {
		t.Errorf("enforce is %q (%v)", text, err)
	}
}
