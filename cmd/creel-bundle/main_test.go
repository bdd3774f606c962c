package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asProgram makes of the test the program that it tests.
const asProgram = "CREEL_BUNDLE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestASecondSignalEndsWhatWaitsForInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c := exec.Command(os.Args[0], "rootfs", "-", filepath.Join(t.TempDir(), "rootfs"))
	c.Env, c.Stdin = append(os.Environ(), asProgram+"=1"), r
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	ended := make(chan error)
	go func() { ended <- c.Wait() }()
	for range 500 {
		select {
		case <-ended:
			return
		case <-time.After(20 * time.Millisecond):
			_ = c.Process.Signal(unix.SIGINT)
		}
	}
	t.Error("it waits on")
	_ = c.Process.Kill()
	<-ended
}
