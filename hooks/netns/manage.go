package netns

import (
	"errors"
	"fmt"
	"strings"

	"github.com/creel-project/creel/hooks/netns/record"
)

// Create makes a bridge that stays until it is removed.
func Create(stateDir string, o *Network) error {
	h, err := lock(stateDir)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.sweep(false); err != nil {
		return err
	}
	n, made, err := o.choose(&h.State)
	if err != nil {
		return err
	}
	if !made && n.Kept {
		return fmt.Errorf("--bridge: %s exists already", n.Bridge)
	}
	n.Kept = true
	if err := h.Save(); err != nil {
		return err
	}
	if _, err := h.ensure(n, true); err != nil { // the firewalls of others are told when there is a container
		if made {
			err = errors.Join(h.drop(n), err)
		}
		return err
	}
	return nil
}

// Remove removes a bridge, with force also from under containers that live, whose interfaces go with it.
func Remove(stateDir, bridge string, force bool) error {
	h, err := lock(stateDir)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.sweep(false); err != nil {
		return err
	}
	n := h.Network(bridge)
	if n == nil {
		return fmt.Errorf("there is no bridge %s of creel-netns", bridge)
	}
	users := h.On(bridge)
	if len(users) > 0 && !force {
		names := make([]string, len(users))
		for i, e := range users {
			names[i] = e.ID
		}
		return fmt.Errorf("the bridge %s is in use by %s: --force removes it nevertheless", bridge, strings.Join(names, ", "))
	}
	if err := h.remove(users); err != nil {
		return err
	}
	return h.drop(n)
}

// Read returns what there is, without waiting for anybody.
func Read(stateDir string) (record.State, error) { return record.Read(stateDir) }
