package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func (p *program) eventsCommand() *command {
	return &command{
		name: "events", usage: "display container events such as OOM notifications, cpu, memory, and IO usage statistics",
		args: "<container-id>", least: 1, most: 1,
		description: "events prints a line of JSON for each event until the container ends: its statistics,\n" +
			"by default once every 5 seconds, and when its memory is out.",
		flags: func(f *flags) {
			f.period(5*time.Second, "set the stats collection interval", "interval")
			f.yes("display the container's stats then exit", "stats")
		},
		action: p.events,
	}
}

func (p *program) events(c *call) error {
	id, interval := c.arg(0), c.Duration("interval")
	ctr, err := p.rt.Load(id)
	if err != nil {
		return err
	}
	defer ctr.Close()
	if interval <= 0 {
		return fmt.Errorf("--interval %s: duration interval must be greater than 0", interval)
	}
	st, err := ctr.State()
	if err != nil {
		return err
	}
	if st.Status == specs.StateStopped {
		return notRunning(id)
	}
	if c.Bool("stats") {
		s, err := ctr.Stats()
		if err != nil {
			return fmt.Errorf("events %s: %w", id, err)
		}
		return writeEvent(libcontainer.Event{Type: "stats", ID: id, Data: s})
	}
	switch err := ctr.Events(interval, writeEvent); {
	case errors.Is(err, libcontainer.ErrNotRunning):
		return notRunning(id)
	case err != nil:
		return fmt.Errorf("events %s: %w", id, err)
	}
	return nil
}

func notRunning(id string) error { return fmt.Errorf("container with id %s is not running", id) }

func writeEvent(e libcontainer.Event) error {
	data, err := lazyjson.Marshal(e)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(data, '\n'))
	return err
}
