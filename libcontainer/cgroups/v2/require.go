package v2

import (
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// require enables a controller that a limit needs, from the mount down to the cgroup's parent.
func (g *Group) require(controller string) error {
	root, err := g.openRoot()
	if err != nil {
		return err
	}
	offered, err := root.Read("cgroup.controllers")
	if err != nil {
		return err
	}
	if !hasWord(offered, controller) {
		return fmt.Errorf("controller %s %w: %s offers %s", controller, errNotOffered, root.Path(), orNone(offered))
	}
	dir, err := root.Child(".")
	if err != nil {
		return err
	}
	defer func() { dir.Close() }()
	parent, _ := cgfs.Split(g.record.Path)
	names := append([]string{"."}, strings.FieldsFunc(parent, func(r rune) bool { return r == '/' })...)
	for _, name := range names {
		child, err := dir.Child(name)
		if err != nil {
			return err
		}
		dir.Close()
		dir = child
		enabled, err := dir.Read("cgroup.subtree_control")
		if err != nil {
			return err
		}
		if !hasWord(enabled, controller) {
			if err := enable(dir, controller); err != nil {
				return err
			}
		}
	}
	return nil
}

func orNone(words string) string {
	if words == "" {
		return "none"
	}
	return words
}

// Offers says whether the machine's cgroup2 has a controller.
func (g *Group) Offers(controller string) bool {
	root, err := g.openRoot()
	if err != nil {
		return false
	}
	offered, err := root.Read("cgroup.controllers")
	return err == nil && hasWord(offered, controller)
}
