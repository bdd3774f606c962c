package libcontainer

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/creel-project/creel/internal/sdnotify"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

const (
	notifyName   = "notify"      // the directory in the container's own on the host
	notifyInside = "/run/notify" // where the container sees it
)

// notifying gives the container the directory of the socket at which its process says
// that it is ready (sd_notify(3)). The caller's config stays as it is.
func (rt *Runtime) notifying(o CreateOptions) (CreateOptions, error) {
	if o.NotifySocket == "" {
		return o, nil
	}
	root, err := filepath.Abs(rt.Root)
	if err != nil {
		return o, err
	}
	s, p := *o.Spec, *o.Spec.Process
	s.Mounts = append(slices.Clip(s.Mounts), specs.Mount{
		Destination: notifyInside, Source: filepath.Join(root, o.ID, notifyName), Type: "bind",
		Options: []string{"bind", "nosuid", "noexec", "nodev", "ro"},
	})
	p.Env = append(slices.Clip(p.Env), "NOTIFY_SOCKET="+notifyInside+"/"+sdnotify.Name)
	s.Process, o.Spec = &p, &s
	return o, nil
}

// makeNotify makes the directory; start makes the socket, unless the container runs at once.
func (b *boot) makeNotify() error {
	if b.o.NotifySocket == "" {
		return nil
	}
	fd, err := b.dir.Make(notifyName)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if b.run {
		b.notify, err = sdnotify.Listen(fd, b.o.NotifySocket)
	}
	return err
}

// StartNotify is Start for a container that was created with CreateOptions.NotifySocket, and
// for a service manager whose socket is host. Call Notified afterwards.
func (c *Container) StartNotify(host string) error {
	dir, err := c.dir.Sub(notifyName)
	if err != nil {
		return fmt.Errorf("NOTIFY_SOCKET=%s: the container was created without it: %w", host, err)
	}
	defer unix.Close(dir)
	if c.notify, err = c.listenNotify(dir, host); err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		unix.Unlinkat(dir, sdnotify.Name, 0)
		return err
	}
	return nil
}

// listenNotify makes the socket. One that is there is that of another start, or left
// by one that was killed.
func (c *Container) listenNotify(dir int, host string) (*sdnotify.Socket, error) {
	s, err := sdnotify.Listen(dir, host)
	if !errors.Is(err, unix.EADDRINUSE) {
		return s, err
	}
	if sdnotify.Heard(dir) {
		return nil, errRunning
	}
	unix.Unlinkat(dir, sdnotify.Name, 0)
	return sdnotify.Listen(dir, host)
}

// Notified waits until the process of a container of StartNotify, or of Run with a
// NotifySocket, says that it is ready, or ends. It tells the service manager, and that main
// is the process to watch.
func (c *Container) Notified(main int) error {
	if c.notify == nil {
		return nil
	}
	pidfd := c.pidfd
	if pidfd < 0 {
		var err error
		if pidfd, err = c.open(); errors.Is(err, ErrNotRunning) {
			pidfd = -1 // what it has said is there
		} else if err != nil {
			return err
		} else {
			defer unix.Close(pidfd)
		}
	}
	return c.notify.Forward(pidfd, main)
}
