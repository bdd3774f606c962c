package libcontainer

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"golang.org/x/sys/unix"
)

// Event is something that happened in a container: Type "oom", or "stats" with Data. Its keys are those that engines
// read from runc's `events`.
type Event struct {
	Type string         `json:"type"`
	ID   string         `json:"id"`
	Data *cgroups.Stats `json:"data,omitempty"`
}

// Events calls tell for each event of a container until its init has ended, or tell returns an error: with
// statistics after every interval, and when processes were killed for want of memory. What goes wrong on the way is a
// warning. The error is ErrNotRunning if there is no init.
func (c *Container) Events(interval time.Duration, tell func(Event) error) error {
	init, err := c.open()
	if err != nil {
		return err
	}
	defer unix.Close(init)
	fds := []unix.PollFd{{Fd: int32(init), Events: unix.POLLIN}}
	oom, err := c.NotifyOOM()
	switch {
	case errors.Is(err, cgroups.ErrNoController), errors.Is(err, cgroups.ErrNoCgroup):
		c.rt.warn(fmt.Sprintf("events of container %s: nobody would tell when memory is out: %v", c.id, err))
	case err != nil:
		return err
	default:
		defer oom.Close()
		fds = append(fds, unix.PollFd{Fd: int32(oom.FD()), Events: unix.POLLIN})
	}
	for next := time.Now().Add(interval); ; {
		if err := wait(fds, next); err != nil {
			return fmt.Errorf("wait for events of container %s: %w", c.id, err)
		}
		ended := fds[0].Revents != 0
		if oom != nil {
			if err := c.tellOOM(oom, tell); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
		if now := time.Now(); !now.Before(next) {
			next = later(next, now, interval)
			if err := c.tellStats(tell); err != nil {
				return err
			}
		}
	}
}

// wait returns when one of the fds is readable, or at a time.
func wait(fds []unix.PollFd, until time.Time) error {
	for {
		left := max(0, time.Until(until))
		ts := unix.NsecToTimespec(int64(left))
		_, err := unix.Ppoll(fds, &ts, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// later is the next moment of a clock that ticks every interval and leaves out the ticks that were missed.
func later(tick, now time.Time, interval time.Duration) time.Time {
	missed := now.Sub(tick) / interval
	return tick.Add((missed + 1) * interval)
}

func (c *Container) tellOOM(oom cgroups.Notice, tell func(Event) error) error {
	times, err := oom.Take()
	if err != nil {
		return err
	}
	if times == 0 {
		return nil
	}
	return tell(Event{Type: "oom", ID: c.id})
}

func (c *Container) tellStats(tell func(Event) error) error {
	s, err := c.Stats()
	if err != nil {
		c.rt.warn(fmt.Sprintf("statistics of container %s: %v", c.id, err))
		return nil
	}
	return tell(Event{Type: "stats", ID: c.id, Data: s})
}
