package v2

// Freeze implements driver.Group.
func (g *Group) Freeze() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	if err := dir.Write("cgroup.freeze", "1"); err != nil {
		return err
	}
	err = dir.WaitEvent("frozen", "1", freezePatience)
	if err != nil {
		_ = dir.Write("cgroup.freeze", "0") // half frozen is worse
	}
	return err
}

// Thaw implements driver.Group.
func (g *Group) Thaw() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	return dir.Write("cgroup.freeze", "0")
}

// Frozen implements driver.Group. It is true as well when a cgroup above this one is frozen.
func (g *Group) Frozen() (bool, error) {
	dir, err := g.opened()
	if err != nil {
		return false, err
	}
	state, err := dir.Field("cgroup.events", "frozen")
	return state == "1", err
}
