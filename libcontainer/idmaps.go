package libcontainer

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/creel-project/creel/internal/slack"
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

// helperMap runs newuidmap or newgidmap and waits for it.
func helperMap(name string, pid int, m []specs.LinuxIDMapping) error {
	path, err := lookup(name)
	if err != nil {
		return fmt.Errorf("map ids as an ordinary user: %w", err)
	}
	argv := []string{path, strconv.Itoa(pid)}
	for _, e := range m {
		argv = append(argv, fmt.Sprint(e.ContainerID), fmt.Sprint(e.HostID), fmt.Sprint(e.Size))
	}
	child, err := slack.ForkExec(path, argv, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var ws unix.WaitStatus
	for {
		if _, err = unix.Wait4(child, &ws, 0, nil); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil || ws.ExitStatus() != 0 {
		return fmt.Errorf("%s: exit status %d (do /etc/subuid and /etc/subgid grant these ids?)",
			strings.Join(argv, " "), ws.ExitStatus())
	}
	return nil
}

// lookup finds a program of the host in the caller's PATH.
func lookup(name string) (string, error) {
	for dir := range strings.SplitSeq(os.Getenv("PATH"), ":") {
		if path := dir + "/" + name; dir != "" && unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%q: executable file not found in $PATH", name)
}
