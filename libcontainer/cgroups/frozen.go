package cgroups

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/v1"
	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// Frozen says what Group.Frozen says, of a recorded container and with little effort: it reads one file. A cgroup that is not there is not frozen.
func Frozen(r *Record) (bool, error) {
	var frozen bool
	var err error
	switch r.Driver {
	case v1.Name:
		frozen, err = v1.Frozen(r)
	case v2.Name:
		frozen, err = v2.Frozen(r)
	}
	if cgfs.Gone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("whether the cgroup %s is frozen: %w", r.Path, err)
	}
	return frozen, nil
}
