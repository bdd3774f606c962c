package cgtest

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Patience is how long something may take that happens soon, on a machine that has much else to do.
const Patience = 20 * time.Second

// Eventually waits until cond holds, and fails the test if it never does.
func Eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s in vain until %s", Patience, what)
		}
	}
}

// Readable waits until an fd has something to read. The end of a child may interrupt poll(2), even with SA_RESTART.
func Readable(t testing.TB, fd int) {
	t.Helper()
	Eventually(t, "there is something to read", func() bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(Patience.Milliseconds()))
		if err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
		return n > 0
	})
}
