package proc

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAProcessIsItsPidAndItsStart(t *testing.T) {
	p, err := Find(os.Getpid())
	if err != nil || !p.Lives() {
		t.Fatalf("%+v lives: %v, %v", p, p.Lives(), err)
	}
	p.Start++
	if p.Lives() {
		t.Error("another process with its pid is taken for it")
	}
}

func TestAPidThatIsGoneIsNoSuchProcess(t *testing.T) {
	for _, pid := range []int{-1, 0, math.MaxInt32} {
		if p, err := Find(pid); !errors.Is(err, unix.ESRCH) {
			t.Errorf("pid %d: %+v, %v", pid, p, err)
		}
	}
}

func TestTheCallersOwnNetworkNamespaceIsRefused(t *testing.T) {
	p, err := Find(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Netns(); err == nil || !strings.Contains(err.Error(), "no network namespace of its own") {
		t.Errorf("%v", err)
	}
}
