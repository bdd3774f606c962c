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
	c, stdin := waiting(t, t.TempDir())
	defer stdin.Close()
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

// waiting starts a creel-bundle that unpacks in dir what comes from its standard input.
func waiting(t *testing.T, dir string) (c *exec.Cmd, stdin *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c = exec.Command(os.Args[0], "rootfs", "-", filepath.Join(dir, "rootfs"))
	c.Env, c.Stdin = append(os.Environ(), asProgram+"=1"), r
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, w
}

func TestTwoSignalsOfOneCauseAreOne(t *testing.T) {
	dir := t.TempDir()
	c, stdin := waiting(t, dir)
	for range 1000 { // signals are taken when something is there
		if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for range 2 {
		_ = c.Process.Signal(unix.SIGHUP)
		time.Sleep(10 * time.Millisecond)
	}
	stdin.Close()
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 1 {
		t.Error(c.ProcessState)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("left: %v, %v", names, err)
	}
}
