package progress

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/containerd/console"
)

func TestWithoutATerminalEachTaskIsALineWhenItIsDone(t *testing.T) {
	var b bytes.Buffer
	d := New(&b)
	one, two, three := d.Start("layer 1", 2048), d.Start("layer 2", 0), d.Start("layer 3", 5)
	one.At(7)
	one.End(true, "")
	two.End(true, "already there")
	three.End(false, "")
	d.Close()
	if got := b.String(); got != "layer 1: 2KiB\nlayer 2: 0B, already there\n" {
		t.Errorf("%q", got)
	}
}

func TestNothingIsShownToNobody(t *testing.T) {
	var d *Display
	task := d.Start("layer", 10)
	if data, err := io.ReadAll(task.Reader(io.NopCloser(strings.NewReader("text")))); string(data) != "text" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	task.End(true, "")
	d.Say("hello")
	d.Close()
}

func TestBarsEndHoweverTheirTasksDo(t *testing.T) {
	pty, path, err := console.NewPty()
	if err != nil {
		t.Fatal(err)
	}
	defer pty.Close()
	tty, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	go io.Copy(io.Discard, pty)
	d := New(tty)
	if d.bars == nil {
		t.Fatal("it is not taken for a terminal")
	}
	d.Start("no byte was counted", 1000).End(true, "")
	d.Start("nothing to do", 0).End(true, "")
	d.Start("it failed", 1000).End(false, "")
	some := d.Start("some were counted", 1000)
	some.Add(400)
	some.At(600)
	some.End(true, "resumed")
	more := d.Start("more than promised", 10)
	more.Add(20)
	more.End(false, "")
	done := make(chan struct{})
	go func() {
		d.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("the bars never end")
	}
}
