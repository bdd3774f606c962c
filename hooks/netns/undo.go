package netns

import (
	"errors"
	"slices"

	"github.com/creel-project/creel/hooks/netns/record"
)

// sweep takes away what containers have left that were ended without a release: those of CNI, or those at bridges.
func (h host) sweep(plugins bool) error {
	var dead []*record.Endpoint
	for _, e := range h.Dead() {
		if (e.CNI != nil) == plugins {
			dead = append(dead, e)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	gone, err := takeAll(dead)
	if plugins { // one that is missing is tried again, and must not keep others from their network
		err = nil
	}
	return errors.Join(err, h.forget(gone))
}

// undo takes away what a hook has done that did not get to its end.
func (o *Options) undo(e *record.Endpoint, made bool) error {
	h, err := lock(o.StateDir)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.undo(e, made)
}

func (h host) undo(e *record.Endpoint, made bool) error {
	list := h.like(e)
	_, err := takeAll(list)
	err = errors.Join(err, h.forget(list)) // plugins that can neither add nor delete are not asked again
	n := h.Network(e.Bridge)
	if made && n != nil && !n.Kept && len(h.On(n.Bridge)) == 0 {
		err = errors.Join(err, h.drop(n))
	}
	return err
}

// like finds an endpoint in a state that may have been read again.
func (h host) like(e *record.Endpoint) []*record.Endpoint {
	return slices.DeleteFunc(h.Of(e.ID, e.Bundle), func(o *record.Endpoint) bool { return o.Iface != e.Iface || o.Process != e.Process })
}
