package lifecycle

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// silent connects to the start socket of a created container, n times, and says
// nothing. A start that is stopped before it speaks does the same.
func silent(h *harness.H, id string, n int) (conns []*net.UnixConn) {
	h.Helper()
	here, err := os.Getwd()
	h.Must(err)
	h.Must(os.Chdir(filepath.Join(h.Root, id))) // an address has 108 bytes
	defer func() { h.Must(os.Chdir(here)) }()
	for range n {
		var c *net.UnixConn
		h.Eventually("init takes a caller", func() bool {
			var err error
			c, err = net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: "start.sock", Net: "unixpacket"})
			if !errors.Is(err, syscall.EAGAIN) { // too many wait already
				h.Must(err)
			}
			return err == nil
		})
		h.Cleanup(func() { c.Close() })
		conns = append(conns, c)
	}
	return conns
}

// howManySilent are numbers of callers: one, as many as init listens to at once, and more.
var howManySilent = []int{1, 8, 30}

func TestASilentCallerOfStartKeepsNoSignalFromInit(t *testing.T) {
	for _, n := range howManySilent {
		h := harness.New(t)
		c := h.Create(h.Bundle())
		silent(h, c.ID, n)
		h.Ok(h.Creel("kill", c.ID, "TERM"))
		h.WaitFor(c.ID, "stopped")
	}
}

func TestASilentCallerOfStartKeepsNobodyElseFromStarting(t *testing.T) {
	for _, n := range howManySilent {
		h := harness.New(t)
		c := h.Create(h.Bundle(harness.Sleep))
		conns := silent(h, c.ID, n)
		h.Ok(h.Creel("start", c.ID))
		if s := h.State(c.ID); s.Status != "running" {
			t.Errorf("state %+v", s)
		}
		for _, conn := range conns { // nobody waits for what will not come
			if got, err := conn.Read(make([]byte, 64)); got > 0 || err == nil {
				t.Errorf("a silent caller was told %d bytes (%v)", got, err)
			}
		}
	}
}

func TestACallerThatTalksNonsenseDoesNotStart(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Script("echo ran")))
	for i, conn := range silent(h, c.ID, 4) {
		_, err := conn.Write(make([]byte, 12*i)) // too short, or of no kind
		h.Must(err)
		if got, err := conn.Read(make([]byte, 64)); got > 0 || err == nil {
			t.Errorf("it was told %d bytes (%v)", got, err)
		}
	}
	if s := h.State(c.ID); s.Status != "created" {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("start", c.ID))
	c.Says("ran\n")
}

func TestASilentCallerMaySpeakLater(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Script("echo ran")))
	conns := silent(h, c.ID, 3)
	h.Must(conns[1].Close())
	_, err := conns[0].Write([]byte{2, 15: 0}) // MSG_GO
	h.Must(err)
	c.Says("ran\n")
	h.WaitFor(c.ID, "stopped")
}

// Whoever may start a container is its owner, whatever the caller's umask.
func TestTheStartSocketIsItsOwnersAlone(t *testing.T) {
	h := harness.New(t)
	old := syscall.Umask(0)
	c := h.Create(h.Bundle())
	syscall.Umask(old)
	st, err := os.Stat(filepath.Join(h.Root, c.ID, "start.sock"))
	h.Must(err)
	expect(t, st.Mode().Perm().String(), "-rw-------")
}
