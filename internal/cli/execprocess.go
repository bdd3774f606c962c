package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// execProcess is the process that the flags of exec ask for: that of a file, or
// the container's own with what the flags change.
func execProcess(c *call, ctr *libcontainer.Container) (*specs.Process, error) {
	if path := c.String("process"); path != "" {
		return readProcess(path)
	}
	if c.f.set.NArg() < 2 {
		return nil, errNoArgs
	}
	p, err := ctr.Process()
	if err != nil {
		return nil, err
	}
	p.Args = c.f.set.Args()[1:]
	if cwd := c.String("cwd"); cwd != "" {
		p.Cwd = cwd
	}
	if label := c.String("process-label"); label != "" {
		p.SelinuxLabel = label
	}
	if profile := c.String("apparmor"); profile != "" {
		p.ApparmorProfile = profile
	}
	if c.f.given("tty", "t") {
		p.Terminal = c.Bool("tty")
	}
	if c.f.given("no-new-privs") {
		p.NoNewPrivileges = c.Bool("no-new-privs")
	}
	p.Env = append(p.Env, c.List("env")...)
	addCapabilities(p, c.List("cap"))
	return p, setUser(&p.User, c.String("user"), c.List("additional-gids"))
}

// readProcess reads a process.json.
func readProcess(path string) (*specs.Process, error) {
	text, err := readFile(path, maxProcess)
	p := new(specs.Process)
	if err == nil {
		err = lazyjson.Unmarshal(text, p)
	}
	if err != nil {
		return nil, fmt.Errorf("--process %s: %w", path, err)
	}
	return p, nil
}

// addCapabilities adds names to the sets that execve(2) keeps. Ambient ones need to be
// inheritable, which exec leaves as it is: so they are ambient only where the
// container has some that are.
func addCapabilities(p *specs.Process, names []string) {
	if len(names) == 0 {
		return
	}
	if p.Capabilities == nil {
		p.Capabilities = &specs.LinuxCapabilities{}
	}
	sets := p.Capabilities
	sets.Bounding = append(sets.Bounding, names...)
	sets.Effective = append(sets.Effective, names...)
	sets.Permitted = append(sets.Permitted, names...)
	if len(sets.Inheritable) > 0 {
		sets.Ambient = append(sets.Ambient, names...)
	}
}

// setUser reads UID[:GID] and additional gids, which are numbers all of them.
func setUser(u *specs.User, text string, gids []string) error {
	if text != "" {
		uid, gid, both := strings.Cut(text, ":")
		var err error
		if u.UID, err = idOf("--user", text, uid); err != nil {
			return err
		}
		if both {
			if u.GID, err = idOf("--user", text, gid); err != nil {
				return err
			}
		}
	}
	for _, list := range gids {
		for text := range strings.SplitSeq(list, ",") {
			gid, err := idOf("--additional-gids", list, strings.TrimSpace(text))
			if err != nil {
				return err
			}
			u.AdditionalGids = append(u.AdditionalGids, gid)
		}
	}
	return nil
}

func idOf(flag, all, text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%s %q: %q is not an id", flag, all, text)
	}
	return uint32(id), nil
}
