package netns

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Places to connect from.
const (
	host    = ""
	outside = "/run/netns/outside"
)

func nsOf(pid int) string { return fmt.Sprintf("/proc/%d/ns/net", pid) }

// in calls f on a thread in a network namespace, which ends afterwards.
func in(ns string, f func() (string, error)) (answer string, err error) {
	if ns == host {
		return f()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		var file *os.File
		if file, err = os.Open(ns); err != nil {
			return
		}
		defer file.Close()
		if err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err == nil {
			answer, err = f()
		}
	}()
	<-done
	return answer, err
}

// get asks the web server at an address for its page.
func get(ns, address string) (string, error) {
	return in(ns, func() (string, error) {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return "", err
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
			return "", err
		}
		text, err := io.ReadAll(c)
		_, body, _ := strings.Cut(string(text), "\r\n\r\n")
		return strings.TrimSpace(body), err
	})
}

// reaches fails the test unless that is the page.
func reaches(t *testing.T, ns, address, want string) {
	t.Helper()
	if got, err := get(ns, address); err != nil || got != want {
		t.Errorf("%s from %q: %q, %v; want %q", address, ns, got, err, want)
	}
}

// soon is when an answer is there, if one comes at all.
func soon() time.Time { return time.Now().Add(200 * time.Millisecond) }

// misses fails the test if there is an answer.
func misses(t *testing.T, ns, address string) {
	t.Helper()
	if got, err := get(ns, address); err == nil {
		t.Errorf("%s from %q: answers %q", address, ns, got)
	}
}

// listen has a server on the host that says a word to whoever connects, and returns who did.
func (n *N) listen(address, word string) *[]string {
	n.Helper()
	l, err := net.Listen("tcp", address)
	n.Must(err)
	n.Cleanup(func() { l.Close() })
	var seen []string
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			seen = append(seen, c.RemoteAddr().String())
			_, _ = c.Read(make([]byte, 1024))
			_, _ = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n"+word+"\n")
			c.Close()
		}
	}()
	return &seen
}

// echo has a server in a network namespace that sends each datagram back.
func (n *N) echo(ns, address string) {
	n.Helper()
	var p net.PacketConn
	_, err := in(ns, func() (_ string, err error) {
		p, err = net.ListenPacket("udp", address)
		return "", err
	})
	n.Must(err)
	n.Cleanup(func() { p.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			k, from, err := p.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = p.WriteTo(b[:k], from)
		}
	}()
}
