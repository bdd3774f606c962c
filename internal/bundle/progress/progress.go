// Package progress shows a person how far work has come: bars on a terminal, a line for each finished part elsewhere.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/docker/go-units"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/sys/unix"
)

// Display shows tasks that run at the same time. The zero Display and nil show nothing.
type Display struct {
	mu   sync.Mutex
	w    io.Writer
	bars *mpb.Progress
}

// New shows on w: bars, if it is a terminal.
func New(w io.Writer) *Display {
	d := &Display{w: w}
	if f, ok := w.(*os.File); ok {
		if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err == nil {
			d.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
		}
	}
	return d
}

// A Task is one part of the work.
type Task struct {
	d     *Display
	what  string
	total int64
	bar   *mpb.Bar
}

// Start shows a task of total bytes.
func (d *Display) Start(what string, total int64) *Task {
	t := &Task{d: d, what: what, total: total}
	if d != nil && d.bars != nil {
		t.bar = d.bars.AddBar(total, mpb.PrependDecorators(decor.Name(what, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f")))
	}
	return t
}

// At says how many bytes are done.
func (t *Task) At(n int64) {
	if t.bar != nil {
		t.bar.SetCurrent(n)
	}
}

// Add says that n more bytes are done.
func (t *Task) Add(n int64) {
	if t.bar != nil {
		t.bar.IncrInt64(n)
	}
}

// End says that the task is done, or that it ended otherwise. how is a word more, as "there already".
func (t *Task) End(ok bool, how string) {
	switch {
	case t.bar != nil && ok && t.total > 0:
		t.bar.SetCurrent(t.total)
	case t.bar != nil && ok:
		t.bar.SetTotal(-1, true)
	case t.bar != nil:
		t.bar.Abort(false)
	case ok:
		line := t.what + ": " + units.BytesSize(float64(t.total))
		if how != "" {
			line += ", " + how
		}
		t.d.Say("%s", line)
	}
}

// Say prints a line where there are no bars.
func (d *Display) Say(format string, args ...any) {
	if d == nil || d.w == nil || d.bars != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.w, format+"\n", args...)
}

// Close waits until the last state of the bars is drawn.
func (d *Display) Close() {
	if d != nil && d.bars != nil {
		d.bars.Wait()
	}
}

// Reader counts what is read of r as done.
func (t *Task) Reader(r io.ReadCloser) io.ReadCloser { return &counted{r, t} }

type counted struct {
	io.ReadCloser
	t *Task
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.t.Add(int64(n))
	return n, err
}
