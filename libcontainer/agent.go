package libcontainer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// agent is who answers the calls that have SCMP_ACT_NOTIFY. It listens at
// linux.seccomp.listenerPath and gets the listener of the filter that init loads
// (seccomp_unotify(2)); csrc/gate.c says why init takes no part in that.
type agent struct {
	state.Listener
	conn  int         // to the agent, -1 before meet
	gate  []byte      // the page that init waits at, nil before meet
	about specs.State // the container's, for the agent
}

// newAgent returns nil for a container without notifications.
func newAgent(l *state.Listener) *agent {
	if l == nil {
		return nil
	}
	return &agent{Listener: *l, conn: -1}
}

// listenerOf is what has to be known of the agent at start. A relative path is the
// bundle's, as of the other files of a config; one with '@' in front is no file but a
// name in the abstract namespace of unix(7).
func listenerOf(s *specs.Spec, bundle string) *state.Listener {
	if s.Linux == nil || !compile.Notifies(s.Linux.Seccomp) {
		return nil
	}
	l := &state.Listener{Path: s.Linux.Seccomp.ListenerPath, Metadata: s.Linux.Seccomp.ListenerMetadata}
	if !filepath.IsAbs(l.Path) && !strings.HasPrefix(l.Path, "@") {
		l.Path = filepath.Join(bundle, l.Path)
	}
	return l
}

// checkAgent makes sure that there is a socket: whoever creates a container without
// it shall not hear of that at start only.
func checkAgent(l *state.Listener) error {
	if l == nil || strings.HasPrefix(l.Path, "@") {
		return nil
	}
	var st unix.Stat_t
	err := unix.Stat(l.Path, &st)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		err = unix.ENOTSOCK
	}
	if err != nil {
		return fmt.Errorf("linux.seccomp.listenerPath: seccomp agent at %s: %w", l.Path, err)
	}
	return nil
}

// meet answers init at the gate: page is its fd, which stays the caller's, and about
// the state that the agent is told. It connects now, as that can take its time.
func (a *agent) meet(page int, about specs.State) (err error) {
	a.about = about
	if a.gate, err = unix.Mmap(page, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return fmt.Errorf("linux.seccomp: map init's gate: %w", err)
	}
	if a.conn, err = connectStream(a.Path); err != nil {
		return a.wrap("connect", err)
	}
	return nil
}

// serve gives the agent the listener of init, which is loading the filter, and lets init
// go on. It is no error if the filter was not loaded: init says itself why.
func (a *agent) serve(ch initproc.Channel, pid, pidfd int) error {
	n, loaded, err := a.loaded(ch)
	if err != nil || !loaded {
		return err
	}
	fd, err := takeListener(pidfd, n)
	if err != nil {
		return a.wrap("take the listener from init", err)
	}
	defer unix.Close(fd)
	text, err := lazyjson.Marshal(specs.ContainerProcessState{
		Version: specs.Version, Fds: []string{specs.SeccompFdName}, Pid: pid, Metadata: a.Metadata, State: a.about,
	})
	if err == nil {
		err = sendAll(a.conn, text, fd)
	}
	if err != nil {
		return a.wrap("send the listener", err)
	}
	atomic.StoreUint32(a.word(1), 1)
	return nil
}

// close is for every end; init gets no further if the gate is shut.
func (a *agent) close() {
	if a == nil {
		return
	}
	closeFD(a.conn)
	a.conn = -1
	if a.gate != nil {
		_ = unix.Munmap(a.gate)
		a.gate = nil
	}
}

func (a *agent) wrap(doing string, err error) error {
	return fmt.Errorf("linux.seccomp.listenerPath: seccomp agent at %s: %s: %w", a.Path, doing, err)
}

// word is one of the words of struct gate in csrc/gate.c.
func (a *agent) word(i int) *uint32 { return (*uint32)(unsafe.Pointer(&a.gate[4*i])) }

// busy is how often loaded looks before it sleeps: loading takes less than that.
const busy = 500

// loaded waits until init has loaded its filter and returns the listener's number, or
// false when init has something to say instead, or has ended.
func (a *agent) loaded(ch initproc.Channel) (n int, ok bool, err error) {
	p := []unix.PollFd{{Fd: int32(ch.FD()), Events: unix.POLLIN}}
	for try := 0; ; try++ {
		timeout := 0
		if try > busy {
			timeout = 1
		}
		ready, err := unix.Poll(p, timeout)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, false, err
		}
		if n := atomic.LoadUint32(a.word(0)); n != 0 {
			return int(n) - 1, true, nil
		}
		if ready > 0 {
			return 0, false, nil
		}
	}
}

// takeListener takes fd n of a process, which must be the listener of a filter.
func takeListener(pidfd, n int) (int, error) {
	fd, err := unix.PidfdGetfd(pidfd, n, 0)
	if err != nil {
		return -1, err
	}
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err == nil && name != "anon_inode:seccomp notify" {
		err = fmt.Errorf("fd %d is %s: %w", n, name, unix.EPROTO)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
