package netns

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/creel-project/creel/hooks/netns/link"
	"github.com/creel-project/creel/hooks/netns/record"
)

// Release takes away what a container was given: all of its interfaces, or the one that is named. An empty bundle is
// any. What is gone already is no error, nor is a container that never had anything. What others have left that ended
// without a release goes as well. What cannot be taken away is remembered, unless it is to be forgotten by force.
func Release(stateDir, id, bundle, iface string, force bool) error {
	if _, err := os.Stat(stateDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// An interface takes the kernel a while to remove: nobody has to wait for the lock meanwhile. Whatever goes wrong
	// here is tried again below.
	if s, err := record.Read(stateDir); err == nil {
		for _, e := range s.Of(id, bundle) {
			if e.CNI == nil && (iface == "" || e.Iface == iface) {
				_ = link.Delete(e.Veth)
			}
		}
	}
	h, err := lock(stateDir)
	if err != nil {
		return err
	}
	defer h.Close()
	list := slices.DeleteFunc(h.Of(id, bundle), func(e *record.Endpoint) bool { return iface != "" && e.Iface != iface })
	for _, e := range h.Dead() {
		if e.CNI == nil && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil
	}
	if force {
		_, err = takeAll(list)
		return errors.Join(err, h.forget(list))
	}
	return h.remove(list)
}
