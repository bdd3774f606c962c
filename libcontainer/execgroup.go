package libcontainer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/initproc"
	"golang.org/x/sys/unix"
)

// inCgroup starts a process in the cgroup that an exec asks for: a sub-cgroup that
// is named, else the container's own. Where that takes no processes any more, because
// the container has enabled controllers for its children (EBUSY) or was moved (ENOENT), it
// is the one that init is in.
func (x *execution) inCgroup(start func(dirfd int) (*initproc.Process, error)) (*initproc.Process, error) {
	g, named, err := x.execGroup()
	if err != nil {
		return nil, err
	}
	p, err := startIn(g, start)
	if err == nil || named || !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENODEV) && !errors.Is(err, cgroups.ErrNoCgroup) {
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
	if !into {
		dirfd = -1
	}
	p, err := start(dirfd)
	if err != nil {
		return nil, err
	}
	if err := g.Join(p.Pid, into); err != nil && !errors.Is(err, cgroups.ErrNoCgroup) {
		p.CloseSocket()
		c := child{p.Pid, p.PidFD}
		c.end()
		p.Close()
		return nil, err
	}
	return p, nil
}

// execGroup is the cgroup that ExecOptions.Cgroup names: a path below the container's, which
// exists. On cgroup v1 "CONTROLLERS:PATH" names it for some hierarchies only; those of the
// others stay the container's own.
func (x *execution) execGroup() (g cgroups.Group, named bool, err error) {
	for _, text := range x.o.Cgroup {
		controllers, path, split := strings.Cut(text, ":")
		if !split {
			controllers, path = "", text
		}
		if controllers != "" {
			return nil, true, fmt.Errorf("--cgroup %q: sub-cgroups of single controllers are not supported: %w", text, unix.ENOTSUP)
		}
		sub, err := x.cg.Sub(path)
		if err != nil {
			return nil, true, fmt.Errorf("--cgroup %q: %w", text, err)
		}
		x.place = sub
		return sub, true, nil
	}
	return x.cg, false, nil
}
