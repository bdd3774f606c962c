package libcontainer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/initproc"
	"golang.org/x/sys/unix"
)

// inCgroup starts a process in the cgroup that an exec asks for: a sub-cgroup that
// is named, else the container's own. Where that takes no processes any more, because
// the container has enabled controllers for its children (EBUSY) or it is gone, as it
// was moved, it is the one that init is in.
func (x *execution) inCgroup(start func(dirfd int) (*initproc.Process, error)) (*initproc.Process, error) {
	g, named, err := x.execGroup()
	if err != nil {
		return nil, err
	}
	p, err := startIn(g, start)
	gone := errors.Is(err, cgroups.ErrNoCgroup)
	switch {
	case gone && x.c.rec.Cgroup.Rootless: // an ordinary user's container may have none
		return start(-1)
	case named, !gone && !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.ENODEV):
		return p, err
	}
	if x.place, err = x.cg.OfProcess(x.c.rec.Pid); err != nil {
		return nil, err
	}
	return startIn(x.place, start)
}

// startIn starts a process in g: born there where that can be, else moved.
func startIn(g cgroups.Group, start func(dirfd int) (*initproc.Process, error)) (*initproc.Process, error) {
	dirfd, into := g.SpawnFD()
	p, err := start(dirfd)
	if err != nil {
		return nil, err
	}
	if err := g.Join(p.Pid, into); err != nil {
		p.CloseSocket()
		c := child{p.Pid, p.PidFD}
		c.end()
		p.Close()
		return nil, err
	}
	return p, nil
}

// execGroup is the cgroup that ExecOptions.Cgroup names: a path below the container's, which
// exists. On cgroup v1 "CONTROLLERS:PATH" names it for some hierarchies, and the
// container's own stays that of the others.
func (x *execution) execGroup() (g cgroups.Group, named bool, err error) {
	g = x.cg
	for _, text := range x.o.Cgroup {
		names, path, split := strings.Cut(text, ":")
		var controllers []string
		switch {
		case split && slices.Contains(strings.Split(names, ","), ""):
			return nil, true, fmt.Errorf("--cgroup %q: the name of a controller before \":\" is empty: %w", text, unix.EINVAL)
		case split:
			controllers = strings.Split(names, ",")
		case len(x.o.Cgroup) > 1:
			return nil, true, fmt.Errorf("--cgroup %q: of several each names its controllers: %w", text, unix.EINVAL)
		default:
			path = text
		}
		sub, err := g.Sub(path, controllers...)
		if err != nil {
			return nil, true, fmt.Errorf("--cgroup %q: %w", text, err)
		}
		if x.place != nil {
			x.place.Close()
		}
		g, x.place, named = sub, sub, true
	}
	return g, named, nil
}
