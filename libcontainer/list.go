package libcontainer

import (
	"errors"
	"os/user"
	"strconv"
)

// List returns all containers. A record that cannot be read becomes an entry
// with Err set; a container that is removed meanwhile is left out.
func (rt *Runtime) List() ([]ListEntry, error) {
	ids, err := rt.store().List()
	if err != nil {
		return nil, err
	}
	entries := make([]ListEntry, 0, len(ids))
	names := map[uint32]string{}
	for _, id := range ids {
		e, err := rt.entry(id, names)
		if errors.Is(err, ErrNotExist) {
			continue
		}
		if err != nil {
			e.ID, e.Err = id, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Entry returns what List says of one container.
func (rt *Runtime) Entry(id string) (*ListEntry, error) {
	e, err := rt.entry(id, map[uint32]string{})
	if err != nil {
		return nil, err
	}
	return &e, nil
}

func (rt *Runtime) entry(id string, names map[uint32]string) (e ListEntry, err error) {
	c, err := rt.Load(id)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if e.State, err = c.State(); err != nil {
		return e, err
	}
	e.Created, e.Rootfs = c.Created(), c.Rootfs()
	uid, err := c.Owner()
	if err != nil {
		return e, err
	}
	if _, ok := names[uid]; !ok {
		names[uid] = userName(uid)
	}
	e.Owner = names[uid]
	return e, nil
}

// userName is the name of a host user, or "#uid" for one without.
func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	u, err := user.LookupId(id)
	if err != nil {
		return "#" + id
	}
	return u.Username
}
