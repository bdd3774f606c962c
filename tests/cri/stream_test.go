package cri

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/websocket"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// What the first byte of a message says: whose stream it is (v4.channel.k8s.io, k8s.io/apimachinery's package remotecommand).
const (
	stdin = iota
	stdout
	stderr
	failure // how it ended, as a Status of Kubernetes' API
	resize  // a terminal's size
)

// A stream is a connection to a command, such as `kubectl exec` has.
type stream struct {
	*K
	ws     *websocket.Conn
	closed chan struct{}
	mu     sync.Mutex
	got    map[byte]*bytes.Buffer
}

// stream connects to the address that containerd answered with.
func (k *K) stream(url string) *stream {
	k.Helper()
	config, err := websocket.NewConfig(strings.Replace(url, "http", "ws", 1), url)
	k.Must(err)
	config.Protocol = []string{"v4.channel.k8s.io"}
	ws, err := websocket.DialConfig(config)
	k.Must(err)
	s := &stream{K: k, ws: ws, closed: make(chan struct{}), got: map[byte]*bytes.Buffer{}}
	go s.read()
	k.Cleanup(func() {
		_ = ws.Close()
		<-s.closed
	})
	return s
}

func (s *stream) read() {
	defer close(s.closed)
	for {
		var m []byte
		err := websocket.Message.Receive(s.ws, &m)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.Log("the stream's end: ", err)
			}
			return
		}
		s.mu.Lock()
		if s.got[m[0]] == nil {
			s.got[m[0]] = &bytes.Buffer{}
		}
		s.got[m[0]].Write(m[1:])
		s.mu.Unlock()
	}
}

// send sends something to a channel.
func (s *stream) send(channel byte, data string) {
	s.Helper()
	s.Must(websocket.Message.Send(s.ws, append([]byte{channel}, data...)))
}

// on is what came on a channel so far.
func (s *stream) on(channel byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.got[channel] == nil {
		return ""
	}
	return s.got[channel].String()
}

// says waits until a channel has this.
func (s *stream) says(channel byte, want string) {
	s.Helper()
	s.Eventually(fmt.Sprintf("channel %d has %q", channel, want), func() bool { return strings.Contains(s.on(channel), want) })
}

// ends waits for the end, and returns the command's exit status.
func (s *stream) ends() string {
	s.Helper()
	var end struct {
		Status  string
		Details struct {
			Causes []struct{ Reason, Message string }
		}
	}
	s.Eventually("it ended", func() bool { return json.Unmarshal([]byte(s.on(failure)), &end) == nil })
	if end.Status == "Success" {
		return "0"
	}
	if len(end.Details.Causes) != 1 || end.Details.Causes[0].Reason != "ExitCode" {
		s.Fatal(s.on(failure))
	}
	return end.Details.Causes[0].Message
}

// streamed runs a script in the container, with a terminal if tty.
func (c *Container) streamed(tty bool, script string) *stream {
	c.Helper()
	r, err := services.Exec(c.ctx, &runtime.ExecRequest{
		ContainerId: c.ID, Cmd: []string{"sh", "-c", script}, Tty: tty, Stdin: true, Stdout: true, Stderr: !tty,
	})
	c.Must(err)
	return c.stream(r.Url)
}

func TestExecStreamsWhatACommandSaysAndItsStatus(t *testing.T) {
	s := begin(t).pod().container(sleep).streamed(false, "echo out; echo wrong >&2; exit 5")
	if status := s.ends(); status != "5" || s.on(stdout) != "out\n" || s.on(stderr) != "wrong\n" {
		t.Errorf("status %s, %q, %q", status, s.on(stdout), s.on(stderr))
	}
}

func TestExecStreamsWhatIsTyped(t *testing.T) {
	s := begin(t).pod().container(sleep).streamed(false, "read a; echo first $a; read b; echo then $b")
	s.send(stdin, "one\n")
	s.says(stdout, "first one\n")
	s.send(stdin, "two\n")
	if status := s.ends(); status != "0" || s.on(stdout) != "first one\nthen two\n" {
		t.Errorf("status %s, %q", status, s.on(stdout))
	}
}

func TestExecStreamsALotWithoutLoss(t *testing.T) {
	s := begin(t).pod().container(sleep).streamed(false, "seq 1 100000")
	s.ends()
	if text := s.on(stdout); len(text) != 588895 || !strings.HasSuffix(text, "\n99999\n100000\n") {
		t.Error(len(text))
	}
}

func TestTheTerminalOfAnExecFollowsTheOneOutside(t *testing.T) {
	s := begin(t).pod().container(sleep).streamed(true, "trap 'stty size' WINCH; tty; while :; do sleep 0.05; done")
	s.says(stdout, "/dev/pts/")
	s.send(resize, `{"Width": 111, "Height": 33}`)
	s.says(stdout, "33 111")
	s.send(stdin, "\x03")
	if status := s.ends(); status != "130" {
		t.Error(status)
	}
}

func TestAttachTypesIntoAContainerAndSeesWhatItSays(t *testing.T) {
	for _, tty := range []bool{false, true} {
		t.Run(fmt.Sprint("terminal ", tty), func(t *testing.T) {
			c := begin(t).pod().container("while read l; do echo heard $l; done", func(c *runtime.ContainerConfig) {
				c.Stdin, c.Tty = true, tty
			})
			r, err := services.Attach(c.ctx, &runtime.AttachRequest{ContainerId: c.ID, Tty: tty, Stdin: true, Stdout: true, Stderr: !tty})
			c.Must(err)
			s := c.stream(r.Url)
			s.send(stdin, "you\n")
			s.says(stdout, "heard you")
		})
	}
}

func TestAPortOfAPodIsForwarded(t *testing.T) {
	k := begin(t)
	p := k.pod()
	p.container("while :; do echo served | nc -l -p 8080; done").says("", "until netstat -tln | grep -q :8080; do sleep 0.02; done")
	r, err := services.PortForward(k.ctx, &runtime.PortForwardRequest{PodSandboxId: p.ID, Port: []int32{8080}})
	k.Must(err)
	s := k.stream(r.Url)
	port := string(binary.LittleEndian.AppendUint16(nil, 8080)) // first of all on both channels, of data and of errors
	s.says(0, port+"served\n")
	if s.on(1) != port {
		t.Errorf("%q", s.on(1))
	}
}
