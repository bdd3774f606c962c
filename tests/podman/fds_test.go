package podman

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
)

func TestDescriptorsArePreserved(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sleep", "1000")
	h.WriteFile(h.Path("three"), "three\n", 0o644)
	h.WriteFile(h.Path("four"), "four\n", 0o644)
	for _, args := range [][]string{
		{"run", "--rm", "--network=none", "--preserve-fds=2", image},
		{"exec", "--preserve-fds=2", "box"},
	} {
		p := h.GoProgram(func(cmd *exec.Cmd) {
			for _, name := range []string{"three", "four"} {
				f, err := os.Open(h.Path(name))
				h.Must(err)
				h.Cleanup(func() { f.Close() })
				cmd.ExtraFiles = append(cmd.ExtraFiles, f)
			}
		}, "podman", append(args, "sh", "-c", "cat <&3 <&4; cat <&3")...)
		expect(h, h.Ok(p.Result()).Stdout, "four\nthree\n")
	}
}

// notify is the program in the container: it says that it is ready (sd_notify(3)).
func notify() int {
	c, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err == nil {
		_, err = c.Write([]byte("READY=1\nSTATUS=in the container"))
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	time.Sleep(time.Hour)
	return 0
}

// Podman tells the pid of conmon, and the container, by way of the runtime, that it is ready.
func TestAContainerNotifiesTheServiceManager(t *testing.T) {
	h := engines.New(t)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: h.Path("notify.sock"), Net: "unixgram"})
	h.Must(err)
	defer socket.Close()
	defer podman(h, "rm", "--force", "--time=0", "--ignore", "box")
	self, err := os.Executable()
	h.Must(err)
	p := h.GoProgram(func(cmd *exec.Cmd) { cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+h.Path("notify.sock")) },
		"podman", "run", "--detach", "--name=box", "--network=none", "--sdnotify=container", "--volume="+self+":/test:ro", image, "/test", "notify")
	h.Ok(p.Result())
	var said string
	h.Must(socket.SetReadDeadline(time.Now().Add(20 * time.Second)))
	for b := make([]byte, 4096); !strings.Contains(said, "READY=1") || !strings.Contains(said, "MAINPID="); {
		n, err := socket.Read(b)
		if err != nil {
			t.Fatalf("%v after %q; the container: %s", err, said, podman(h, "logs", "box"))
		}
		said += string(b[:n]) + "\n"
	}
}
