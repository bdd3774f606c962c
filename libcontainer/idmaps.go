package libcontainer

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/internal/spawn"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// writeMaps gives the user namespace of process pid its id maps
// (user_namespaces(7)): directly when we may, else through newuidmap(1) and
// newgidmap(1), which know what /etc/subuid grants.
func writeMaps(pid int, uid, gid []specs.LinuxIDMapping) error {
	if !probes().Privileged && !ownID(gid, os.Getegid()) {
		if err := helperMap("newgidmap", pid, gid); err != nil {
			return fmt.Errorf("linux.gidMappings: %w", err)
		}
	} else {
		if !probes().Privileged {
			if err := writeProc(pid, "setgroups", "deny"); err != nil {
				return fmt.Errorf("linux.gidMappings: %w", err)
			}
		}
		if err := writeProc(pid, "gid_map", mapText(gid)); err != nil {
			return fmt.Errorf("linux.gidMappings: %w", err)
		}
	}
	if !probes().Privileged && !ownID(uid, os.Geteuid()) {
		if err := helperMap("newuidmap", pid, uid); err != nil {
			return fmt.Errorf("linux.uidMappings: %w", err)
		}
		return nil
	}
	if err := writeProc(pid, "uid_map", mapText(uid)); err != nil {
		return fmt.Errorf("linux.uidMappings: %w", err)
	}
	return nil
}

// ownID says whether the map is the one that an unprivileged process may write
// itself: its own id alone.
func ownID(m []specs.LinuxIDMapping, id int) bool {
	return len(m) == 1 && m[0].Size == 1 && int(m[0].HostID) == id
}

func mapText(m []specs.LinuxIDMapping) string {
	var b strings.Builder
	for _, e := range m {
		fmt.Fprintf(&b, "%d %d %d\n", e.ContainerID, e.HostID, e.Size)
	}
	return b.String()
}

// writeProc writes one of the files of /proc/PID in one write.
func writeProc(pid int, name, value string) error {
	path := "/proc/" + strconv.Itoa(pid) + "/" + name
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(value)); err != nil {
		return fmt.Errorf("write %q to %s: %w", strings.TrimSpace(value), path, err)
	}
	return nil
}

// mapSeconds is how long newuidmap and newgidmap may take: they read two small files, which a directory service may
// stand behind.
const mapSeconds = 10

// helperMap runs newuidmap or newgidmap as a hook is run: what it says becomes part of the error, and none of it reaches
// the streams of the container.
func helperMap(name string, pid int, m []specs.LinuxIDMapping) error {
	path, err := spawn.Find(name)
	if err != nil {
		return fmt.Errorf("map ids as an ordinary user: %w", err)
	}
	limit := mapSeconds
	h := specs.Hook{Path: path, Args: []string{path, strconv.Itoa(pid)}, Timeout: &limit}
	for _, e := range m {
		h.Args = append(h.Args, fmt.Sprint(e.ContainerID), fmt.Sprint(e.HostID), fmt.Sprint(e.Size))
	}
	if err := hooks.Run(&h, hooks.Input{Name: name}, hooks.Files{}, "/", nil); err != nil {
		return fmt.Errorf("map %s (do /etc/subuid and /etc/subgid grant these ids?): %w", strings.Join(h.Args[2:], " "), err)
	}
	return nil
}
