package inspect

import (
	"errors"
	"fmt"
	"slices"
)

// others are objects that are taken for a container's description, by the fields that only they have.
var others = []struct {
	fields []string
	what   string
}{
	{[]string{"ociVersion"}, "a config.json of the OCI runtime specification; it needs no conversion"},
	{[]string{"OCIConfigPath"}, "of Podman, whose field OCIConfigPath names the container's config.json"},
	{[]string{"RepoTags", "RootFS"}, "of an image; want that of a container"},
	{[]string{"IPAM", "Scope"}, "of a network; want that of a container"},
	{[]string{"Mountpoint", "Scope"}, "of a volume; want that of a container"},
	{[]string{"Spec", "Version"}, "of an object of a swarm; want that of a container"},
	{[]string{"ProcessConfig"}, "of a process that was executed in a container; want that of the container"},
	{[]string{"message"}, "an error that Docker's API answered"},
}

// kind refuses what is not the description of a container for Linux.
func kind(fields map[string]any) error {
	has := func(name string) bool { _, ok := fields[name]; return ok }
	for _, o := range others {
		if !slices.ContainsFunc(o.fields, func(f string) bool { return !has(f) }) {
			if text, ok := fields["message"].(string); ok {
				return fmt.Errorf("it is %s: %s", o.what, text)
			}
			return fmt.Errorf("it is %s", o.what)
		}
	}
	if !has("Config") || !has("HostConfig") {
		return errors.New("it lacks Config or HostConfig: it is not what `docker inspect CONTAINER` prints")
	}
	if p, _ := fields["Platform"].(string); p != "" && p != "linux" {
		return fmt.Errorf("it is for the platform %q; only containers of Linux can be expressed", p)
	}
	return nil
}
