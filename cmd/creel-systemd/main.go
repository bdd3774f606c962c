// creel-systemd asks systemd for what creel's systemd cgroup driver needs. creel embeds it and runs it beside itself while a
// container is made, changed or removed: a D-Bus library would cost every command a tenth of a millisecond at its start.
//
// Its standard input is a socket with requests (package wire). Its argument says which systemd: "system" or "user".
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] != "system" && os.Args[1] != "user" {
		fmt.Fprintln(os.Stderr, "usage: creel-systemd system|user, with creel's socket as standard input")
		os.Exit(2)
	}
	if err := serve(0, os.Args[1] == "user"); err != nil {
		fmt.Fprintln(os.Stderr, "creel-systemd:", err)
		os.Exit(1)
	}
}

// serve answers requests until the other end is closed. It connects at once, while creel does other things.
func serve(sock int, user bool) error {
	m, broken := connect(user)
	text := make([]byte, wire.MaxMessage+1)
	for {
		n, err := unix.Read(sock, text)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n == 0 || err != nil {
			return err
		}
		var r wire.Request
		if err = lazyjson.Unmarshal(text[:n], &r); err != nil {
			return fmt.Errorf("request of %d bytes: %w", n, err)
		}
		if err = broken; err == nil {
			err = m.answer(&r)
		}
		if err := reply(sock, err); err != nil {
			return err
		}
	}
}

func reply(sock int, err error) error {
	var a wire.Answer
	if err != nil {
		a.Error = err.Error()
	}
	var refused dbus.Error
	if errors.As(err, &refused) {
		a.Refused = refused.Name
	}
	text, err := lazyjson.Marshal(a)
	if err != nil {
		return err
	}
	_, err = unix.Write(sock, text)
	return err
}
