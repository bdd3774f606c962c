package signals

import (
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// next waits for a signal on fd.
func next(t *testing.T, fd int) unix.Signal {
	t.Helper()
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if n, _ := unix.Poll(p, 1000); n == 1 {
			s, ok := Next(fd)
			if ok {
				return s
			}
		}
	}
	t.Fatal("no signal came")
	return 0
}

func TestEverySignalThatCanBeCollectedComesOutByItsNumber(t *testing.T) {
	fd, err := Collect()
	if err != nil {
		t.Fatal(err)
	}
	for s := unix.Signal(1); s <= 64; s++ {
		if !ours(s) {
			continue
		}
		if err := unix.Kill(unix.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		if got := next(t, fd); got != s {
			t.Errorf("sent %d, got %d", s, got)
		}
	}
	if err := Children(); err != nil {
		t.Fatal(err)
	}
	child := exec.Command("true")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, fd); got != unix.SIGCHLD {
		t.Errorf("a child ended, got %d", got)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	// Go's own machinery goes on under a rain of signals: stacks grow, threads
	// are preempted, memory is collected.
	done := make(chan int)
	for range 4 {
		go func() { done <- grow(1000) }()
	}
	for range 2000 {
		_ = unix.Kill(unix.Getpid(), unix.SIGUSR1)
		for _, ok := Next(fd); ok; _, ok = Next(fd) {
		}
	}
	for range 4 {
		if n := <-done; n != 1000*1001/2 {
			t.Errorf("a goroutine computed %d", n)
		}
	}
}

// grow recurses with frames that make the stack grow again and again.
func grow(n int) int {
	var room [512]byte
	room[n%len(room)] = byte(n)
	if n == 0 {
		return int(room[0])
	}
	return n + grow(n-1) + int(room[(n+1)%len(room)])
}
