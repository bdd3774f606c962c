package v1

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// MountView implements driver.Group.
func (g *Group) MountView() (driver.MountView, error) {
	view := driver.MountView{Version: 1}
	for _, h := range g.hierarchies {
		parent, name := cgfs.Split(h.mount)
		aliases, err := aliases(parent, name)
		if err != nil {
			return view, err
		}
		view.Hierarchies = append(view.Hierarchies, driver.Hierarchy{Key: h.key, Name: name, HostDir: h.hostDir, Aliases: aliases})
		if h.absent != nil {
			view.Hierarchies[len(view.Hierarchies)-1].HostDir = callersDir(h.mount, h.key)
		}
	}
	if g.unified != nil {
		mount := g.record.Mounts[""]
		_, name := cgfs.Split(mount)
		dir := g.record.Dirs[""]
		if g.unified.Absent() {
			dir = callersDir(mount, "")
		}
		view.Hierarchies = append(view.Hierarchies, driver.Hierarchy{Name: name, HostDir: dir})
	}
	return view, nil
}

// CallersView is the MountView of a container without cgroups of its own, on a machine with
// these hierarchies.
func CallersView(found []discover.Hierarchy) (driver.MountView, error) {
	view := driver.MountView{Version: 1}
	for _, h := range found {
		parent, name := cgfs.Split(h.Mount)
		aliases, err := aliases(parent, name)
		if err != nil {
			return view, err
		}
		view.Hierarchies = append(view.Hierarchies, driver.Hierarchy{Key: h.Key, Name: name, HostDir: callersDir(h.Mount, h.Key), Aliases: aliases})
	}
	return view, nil
}

// callersDir is the cgroup that the container shares with the caller where it has none of its own, or the mount
// point if that lies outside of what is mounted.
func callersDir(mount, key string) string {
	text, err := cgfs.ProcCgroup(0)
	if err != nil {
		return mount
	}
	path, ok := cgfs.OwnPath(text, key)
	dir := strings.TrimSuffix(mount, "/") + path
	var st unix.Stat_t
	if !ok || path == "/" || unix.Lstat(dir, &st) != nil {
		return mount
	}
	return dir
}

// aliases finds the symbolic links beside a mount point that lead to it: "cpu" beside "cpu,cpuacct". Only a
// hierarchy of several controllers has any.
func aliases(parent, name string) ([]string, error) {
	if !strings.Contains(name, ",") {
		return nil, nil
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil, fmt.Errorf("aliases of the cgroup hierarchy %s: %w", name, err)
	}
	var found []string
	for _, e := range entries {
		if e.Type()&os.ModeSymlink == 0 {
			continue
		}
		if target, err := os.Readlink(parent + "/" + e.Name()); err == nil && target == name {
			found = append(found, e.Name())
		}
	}
	return found, nil
}

// Sub implements driver.Group. The sub-cgroup must exist in every hierarchy that is meant.
func (g *Group) Sub(path string, controllers ...string) (driver.Group, error) {
	if path = cgfs.Clean(path); path == "/" {
		path = ""
	}
	for _, c := range controllers {
		if !slices.ContainsFunc(g.hierarchies, func(h *hierarchy) bool { return h.has(c) }) {
			return nil, fmt.Errorf("no cgroup hierarchy has the controller %q: %w", c, driver.ErrNoCgroup)
		}
	}
	return g.elsewhere(func(h *hierarchy) (string, error) {
		if len(controllers) > 0 && !slices.ContainsFunc(controllers, h.has) {
			return h.hostDir, nil
		}
		return h.hostDir + path, nil
	}, func() (driver.Group, error) {
		if len(controllers) > 0 {
			return g.unified.Sub("/")
		}
		return g.unified.Sub(path)
	})
}

// has says whether a controller belongs to the hierarchy.
func (h *hierarchy) has(controller string) bool {
	return slices.Contains(strings.Split(h.key, ","), controller)
}

// OfProcess implements driver.Group.
func (g *Group) OfProcess(pid int) (driver.Group, error) {
	text, err := cgfs.ProcCgroup(pid)
	if err != nil {
		return nil, err
	}
	return g.elsewhere(func(h *hierarchy) (string, error) {
		path, ok := cgfs.OwnPath(text, h.key)
		if !ok || path == "/" || strings.HasPrefix(path, "/..") {
			return "", fmt.Errorf("process %d is in no cgroup of %s that could be a container's: %w", pid, h.key, driver.ErrNoCgroup)
		}
		return strings.TrimSuffix(h.mount, "/") + path, nil
	}, func() (driver.Group, error) { return g.unified.OfProcess(pid) })
}

// elsewhere returns a group in other directories, all of which must exist.
func (g *Group) elsewhere(place func(*hierarchy) (string, error), unified func() (driver.Group, error)) (driver.Group, error) {
	other := &Group{record: driver.Record{Driver: Name, Path: g.record.Path, Dirs: map[string]string{}, Mounts: g.record.Mounts, Rootless: g.record.Rootless}, warnings: g.warnings}
	for _, h := range g.hierarchies {
		if h.absent != nil {
			continue
		}
		dir, err := place(h)
		if err == nil {
			err = other.add(h, dir)
		}
		if err != nil {
			other.Close()
			return nil, err
		}
	}
	if g.unified == nil {
		return other, nil
	}
	u, err := unified()
	if err != nil {
		other.Close()
		return nil, err
	}
	other.unified = u.(*v2.Group)
	other.record.Dirs[""] = u.Record().Dirs[""]
	other.record.Existed = append(other.record.Existed, "")
	return other, nil
}

// add takes the cgroup of one hierarchy, which the Group will not remove: it is not its own.
func (g *Group) add(h *hierarchy, hostDir string) error {
	dir, err := cgfs.Open(hostDir)
	if errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("%w: %w", driver.ErrNoCgroup, err)
	}
	if err != nil {
		return err
	}
	g.hierarchies = append(g.hierarchies, &hierarchy{key: h.key, mount: h.mount, hostDir: hostDir, dir: dir})
	g.record.Dirs[h.key] = hostDir
	g.record.Existed = append(g.record.Existed, h.key)
	return nil
}
