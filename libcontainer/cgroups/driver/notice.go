package driver

import "errors"

// ErrNoController is wrapped by what needs a controller that is not mounted, or not enabled for the container.
var ErrNoController = errors.New("the cgroup controller memory is not there")

// Notice tells of events in a container's cgroup.
type Notice interface {
	// FD is readable (poll(2)) when there may be something to Take. It stays the Notice's own.
	FD() int
	// Take returns how often the event happened since the last call, and does not wait for one. The end of the cgroup
	// is no event.
	Take() (int, error)
	// Close releases the fds.
	Close()
}
