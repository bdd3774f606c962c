package rdt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// mkdir makes a directory that must not be there: it would be another's.
func (g *Group) mkdir(dir string) error {
	if err := unix.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", dir, g.explain(err))
	}
	g.made = append(g.made, dir)
	return nil
}

func (g *Group) write(name, text string) error { return g.writeTo(g.rec.Dir, name, text) }

// writeTo writes one line, in one write and with the newline that resctrl wants.
func (g *Group) writeTo(dir, name, text string) error {
	path := filepath.Join(dir, name)
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(fd)
	for {
		_, err := unix.Write(fd, []byte(text+"\n"))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write %q to %s: %w", text, path, g.explain(err))
		}
		return nil
	}
}

// explain puts what resctrl itself says about the last thing that was asked of it
// in front of an error.
func (g *Group) explain(err error) error {
	said, e := os.ReadFile(filepath.Join(g.rec.Root, "info/last_cmd_status"))
	words := strings.TrimSpace(strings.ReplaceAll(string(said), "\n", " "))
	if e != nil || words == "" || words == "ok" {
		return err
	}
	return fmt.Errorf("%s: %w", words, err)
}
