// Package cgroups gives containers their control group: one interface over cgroup v1 (and hybrid) and cgroup v2
// filesystems. See cgroups(7) and the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
//
// The order of calls for a new container is New, Record (saved to disk), Create, SpawnFD or Join, ApplyEarly,
// PrepareDevices, ApplyDevices, Apply, Record again, Close. Every other command begins with Open.
package cgroups

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/none"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd"
	"github.com/creel-project/creel/libcontainer/cgroups/v1"
	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// The values that pass through the interface; see package driver.
type (
	Group     = driver.Group
	Options   = driver.Options
	Record    = driver.Record
	OOMInfo   = driver.OOMInfo
	MountView = driver.MountView
	Hierarchy = driver.Hierarchy
	Notice    = driver.Notice
	Stats     = stats.Stats
)

// Errors that callers tell apart: ErrNoCgroup is wrapped by the methods that need a cgroup which is not there,
// ErrNoController by those that need a controller.
var (
	ErrNoCgroup     = driver.ErrNoCgroup
	ErrNoController = driver.ErrNoController
)

// mountPoint is where every distribution mounts cgroup2, or the tmpfs with v1's hierarchies (file-hierarchy(7)).
const mountPoint = "/sys/fs/cgroup"

// New picks the driver that fits the options, the machine's mounts and the container's place in them. It touches nothing.
func New(o Options) (Group, error) {
	if o.Disabled {
		return none.New(o, callersView), nil
	}
	if !o.Systemd {
		return newFiles(o)
	}
	unit, err := systemd.UnitOf(o, os.Getuid())
	if err != nil {
		return nil, err
	}
	o.CgroupsPath = unit.Path
	files, err := newFiles(o)
	if err != nil {
		return nil, err
	}
	return systemd.New(unit, files, o), nil
}

// newFiles returns the group that lies at a place of the cgroup file systems.
//
// One statfs tells cgroup v2, which most machines have. Anything else is looked up in mountinfo, which is slow
// on a host with many mounts.
func newFiles(o Options) (systemd.Files, error) {
	mount, err := cgfs.Open(mountPoint)
	if err == nil {
		if mount.IsCgroup2() {
			return newV2(mount, o)
		}
		mount.Close()
	}
	found, err := discover.Hierarchies()
	if err != nil {
		return nil, err
	}
	if len(found) == 1 && found[0].Key == "" { // cgroup2 alone, at an unusual place
		mount, err := cgfs.Open(found[0].Mount)
		if err != nil {
			return nil, err
		}
		return newV2(mount, o)
	}
	return v1.New(found, o)
}

// callersView is the MountView of a container that shares the caller's cgroup.
func callersView() (MountView, error) {
	found, err := discover.Hierarchies()
	if err != nil {
		return MountView{}, err
	}
	if len(found) == 1 && found[0].Key == "" {
		return MountView{Version: 2, Hierarchies: []Hierarchy{{HostDir: found[0].Mount}}}, nil
	}
	return v1.CallersView(found)
}

func newV2(mount *cgfs.Dir, o Options) (systemd.Files, error) {
	path, err := pathInV2(mount.Path(), o)
	if err == nil {
		var g *v2.Group
		if g, err = v2.New(mount, path, o); err == nil {
			return g, nil
		}
	}
	mount.Close()
	return nil, err
}

// pathInV2 places a relative path beside the caller's own cgroup, not below it: a cgroup that holds processes cannot
// have controlled children (no internal processes). A rootless caller may make cgroups there at best.
func pathInV2(mount string, o Options) (string, error) {
	path := driver.ContainerPath(o)
	if path[0] == '/' {
		return cgfs.Clean(path), nil
	}
	found, err := discover.Hierarchies()
	if err != nil {
		return "", err
	}
	for _, h := range found {
		if h.Mount == mount && h.Key == "" {
			beside, _ := cgfs.Split(h.Own)
			return cgfs.Clean(beside + "/" + cgfs.Clean(path)), nil
		}
	}
	return cgfs.Clean(path), nil
}

// Open returns the group of a recorded container, whether or not it still exists.
func Open(r Record) (Group, error) {
	var (
		g   Group
		err error
	)
	switch r.Driver {
	case v1.Name, v2.Name:
		g, err = openFiles(r)
	case none.Name:
		g = none.New(Options{}, callersView)
	default:
		return nil, fmt.Errorf("recorded cgroup driver %q is unknown to this version: %w", r.Driver, unix.EINVAL)
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

func openFiles(r Record) (Group, error) {
	var (
		files systemd.Files
		err   error
	)
	if r.Driver == v1.Name {
		files, err = v1.Open(r)
	} else {
		files, err = v2.Open(r)
	}
	if err != nil {
		return nil, err
	}
	if r.Unit == "" {
		return files, nil
	}
	return systemd.Open(files, r), nil
}
