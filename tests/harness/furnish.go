package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// furnish makes what the world has beside its namespaces; dir is for all that the tests make.
func (w *World) furnish(dir string) error {
	if w.Shared {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""); err != nil {
			return fmt.Errorf("make all mounts shared: %w", err)
		}
	}
	if w.Network {
		if err := loopbackUp(); err != nil {
			return fmt.Errorf("bring up lo: %w", err)
		}
	}
	for _, path := range w.Tmpfs {
		if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mount a tmpfs on %s: %w", path, err)
		}
	}
	overlays := w.Overlays
	if w.Over != "" {
		overlays = append([]string{"/usr"}, overlays...)
	}
	for i, path := range overlays {
		upper, work := filepath.Join(dir, "upper"+strconv.Itoa(i)), filepath.Join(dir, "work"+strconv.Itoa(i))
		for _, d := range []string{upper, work} {
			if err := os.Mkdir(d, 0o755); err != nil {
				return err
			}
		}
		layers := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", w.lower(path), upper, work)
		if err := syscall.Mount("overlay", path, "overlay", 0, layers); err != nil {
			return fmt.Errorf("mount an overlay on %s: %w", path, err)
		}
	}
	return nil
}

// lower is what an overlay of a directory shows: more than the directory where Over has it as well.
func (w *World) lower(path string) string {
	over := filepath.Join(w.Over, path)
	if _, err := os.Stat(over); w.Over == "" || err != nil {
		return path
	}
	return over + ":" + path
}

// loopbackUp sets lo's IFF_UP (netdevice(7)).
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}
