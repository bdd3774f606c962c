package libcontainer

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// endCreator ends a runtime that is still creating this container, if it does
// nothing else. Its init goes by itself, as it reads the end of their socket.
func (c *Container) endCreator() error {
	creator := c.rec.CreatorPid
	if c.rec.Pid != 0 || creator == 0 {
		return nil
	}
	fd, err := unix.PidfdOpen(creator, 0)
	if err != nil {
		return nil // gone
	}
	defer unix.Close(fd)
	if !c.creatorAlive() {
		return nil
	}
	if !c.rec.Expendable {
		return fmt.Errorf("cannot delete container %s in the creating state: process %d creates it and does other work as well: %w",
			c.id, creator, unix.EBUSY)
	}
	if err := killAndWait(fd, creator, func() {}); err != nil {
		return err
	}
	// it may have recorded a hook, or its init, since we looked
	if rec, err := c.dir.Read(); err == nil {
		c.rec = rec
	}
	return nil
}
