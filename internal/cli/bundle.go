package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// bundleFlag names the bundle of create, run and plan.
func bundleFlag(f *flags) {
	f.text("", "path to the root of the bundle directory, defaults to the current directory", "bundle", "b")
}

// makeFlags are the flags that create and run share.
func makeFlags(f *flags) {
	bundleFlag(f)
	f.text("", "path to an AF_UNIX socket which will receive a file descriptor referencing the master end of the console's pseudoterminal", "console-socket")
	f.text("", "path to an AF_UNIX socket which will receive a file descriptor referencing the init process", "pidfd-socket")
	f.text("", "specify the file to write the process id to", "pid-file")
	f.yes("do not use pivot root to jail process inside rootfs.  This should be used whenever the rootfs is on top of a ramdisk", "no-pivot")
	f.yes("do not create a new session keyring for the container.  This will cause the container to inherit the calling processes session key", "no-new-keyring")
	f.number("Pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total)", "preserve-fds")
}

// bundleDir is the absolute path of --bundle.
func bundleDir(c *call) (string, error) {
	dir, err := filepath.Abs(c.String("bundle"))
	if err != nil {
		return "", fmt.Errorf("--bundle %q: %w", c.String("bundle"), err)
	}
	return dir, nil
}

// options loads and validates the bundle and reads the flags of create and run.
func (p *program) options(c *call, id string) (libcontainer.CreateOptions, error) {
	var o libcontainer.CreateOptions
	bundle, err := bundleDir(c)
	if err != nil {
		return o, err
	}
	s, err := spec.Load(bundle)
	if err != nil {
		return o, err
	}
	warnings, err := spec.Validate(s, bundle)
	for _, w := range warnings {
		p.log.Warn(w)
	}
	if err != nil {
		return o, libcontainer.Mistakes(s, err)
	}
	p.debug("config %s is read and valid", filepath.Join(bundle, "config.json"))
	o = libcontainer.CreateOptions{
		ID: id, Bundle: bundle, Spec: s,
		Streams:      streams(c),
		PidFile:      c.String("pid-file"),
		PidfdSocket:  c.String("pidfd-socket"),
		NoPivot:      c.Bool("no-pivot"),
		NoNewKeyring: c.Bool("no-new-keyring"),
		NotifySocket: os.Getenv("NOTIFY_SOCKET"),
	}
	if err := listenFDs(s.Process, &o.Streams); err != nil {
		return o, err
	}
	return o, callersFDs(o.PreserveFDs)
}

// streams reads the flags that create, run and exec share.
func streams(c *call) libcontainer.Streams {
	return libcontainer.Streams{PreserveFDs: c.Int("preserve-fds"), ConsoleSocket: c.String("console-socket")}
}

// callersFDs makes sure that the n fds from 3 on are the caller's: a number that
// he did not use may be that of a file of ours by now. Ours are closed on exec,
// and his came through one.
func callersFDs(n int) error {
	for fd := 3; fd < 3+n; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC != 0 {
			err = unix.EBADF
		}
		if err != nil {
			return fmt.Errorf("--preserve-fds %d: fd %d: %w", n, fd, err)
		}
	}
	return nil
}

// listenFDs passes on the sockets of a service manager (sd_listen_fds(3)): they
// come first among the fds, and the process is told their number. Without our pid in
// LISTEN_PID they are another process's, which left us its environment: whatever our
// fd 3 is, it is not a socket for the container.
func listenFDs(p *specs.Process, o *libcontainer.Streams) error {
	v := os.Getenv("LISTEN_FDS")
	if v == "" {
		return nil
	}
	if pid, err := strconv.Atoi(os.Getenv("LISTEN_PID")); err != nil || pid != os.Getpid() {
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1<<16 {
		return fmt.Errorf("LISTEN_FDS=%q in the environment: it is the number of sockets passed", v)
	}
	if n == 0 {
		return nil
	}
	if p != nil { // a pid that is right in a pid namespace of its own, as runc says it
		p.Env = append(p.Env, "LISTEN_FDS="+strconv.Itoa(n), "LISTEN_PID=1")
	}
	o.PreserveFDs += n
	return nil
}
