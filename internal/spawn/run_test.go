package spawn

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func shell(script, stdin string) (string, error) {
	return Command{Path: "/bin/sh", Args: []string{"-c", script}, Stdin: stdin}.Run(context.Background())
}

func TestAProgramsOutputAndItsWordsOnFailure(t *testing.T) {
	out, err := shell("cat; echo no >&2", strings.Repeat("text\n", 50000))
	if err != nil || len(out) != 250000 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	out, err = shell("echo out; (echo it is; echo broken) >&2; exit 3", "")
	var failed *ExitError
	if !errors.As(err, &failed) || err.Error() != "/bin/sh: exit status 3: it is broken" || out != "out\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err = shell("kill -9 $$", ""); err == nil || !strings.HasSuffix(err.Error(), "signal: killed") {
		t.Errorf("%v", err)
	}
	if _, err = (Command{Path: "/nowhere/sh"}).Run(context.Background()); err == nil || !strings.HasSuffix(err.Error(), "no such file or directory") {
		t.Errorf("%v", err)
	}
}

func TestAProgramEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Command{Path: "/bin/sleep", Args: []string{"1000"}}).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
