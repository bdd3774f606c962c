package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func (p *program) mountCommand() *command {
	return &command{
		name: "mount", usage: "add a mount to a running container, or remove it",
		args: "add <container-id> <spec> | remove <container-id> <destination>", least: 3, most: 3,
		description: "mount add attaches a mount to a container that is created or runs. The spec is a JSON object as\n" +
			"in the config's list mounts, the path of a file with one, - for standard input, or words as in\n" +
			"type=bind,source=/srv/data,destination=/data,ro: each word but these three is an option.\n" +
			"mount remove detaches what was added there.",
		flags: func(f *flags) { f.ordered = true }, action: p.mount,
	}
}

func (p *program) mount(c *call) error {
	verb, id, what := c.arg(0), c.arg(1), c.arg(2)
	if verb != "add" && verb != "remove" {
		return fmt.Errorf("mount %s: unknown: it takes add or remove", verb)
	}
	if err := p.changeMount(verb, id, what); err != nil {
		return fmt.Errorf("mount %s %s: %w", verb, id, err)
	}
	return nil
}

func (p *program) changeMount(verb, id, what string) error {
	ctr, err := p.rt.Load(id)
	if err != nil {
		return err
	}
	defer ctr.Close()
	if verb == "remove" {
		return ctr.RemoveMount(what)
	}
	m, err := mountSpec(what)
	if err != nil {
		return err
	}
	// What a person names is in his own directory, not in the bundle.
	if o := spec.ParseMountOptions(m.Options); m.Source != "" && (o.Bind || m.Type == "bind" || m.Type == "rbind") {
		if m.Source, err = filepath.Abs(m.Source); err != nil {
			return err
		}
	}
	return ctr.AddMount(m)
}

// mountSpec reads the spec of a mount, in any of its forms.
func mountSpec(text string) (m specs.Mount, err error) {
	switch {
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		return m, lazyjson.Unmarshal([]byte(text), &m)
	case strings.Contains(text, "="):
		return mountWords(text)
	}
	data, err := readFile(text, maxMount)
	if err == nil {
		err = lazyjson.Unmarshal(data, &m)
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", text, err)
	}
	return m, nil
}

// mountWords reads words between commas. Without a type a mount with a source is a
// bind mount.
func mountWords(text string) (m specs.Mount, err error) {
	for w := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case !ok || !slices.Contains([]string{"type", "source", "src", "destination", "dst", "target"}, key):
			m.Options = append(m.Options, w)
		case key == "type":
			m.Type = value
		case key == "source" || key == "src":
			m.Source = value
		default:
			m.Destination = value
		}
	}
	if m.Type == "" && m.Source != "" {
		m.Type = "bind"
	}
	return m, nil
}
